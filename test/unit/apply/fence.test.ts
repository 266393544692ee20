/** Fence agents that behave, and such that do not: small scripts in the place of the real ones. */
import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { fenceStatus, powerOff, powerOn, problemsOf, proofOfOff, type FenceDevice } from "../../../provider/apply/fence.js";
import { DroverError } from "../../../provider/base/error.js";

const PASSWORD = `it's a "pass" phrase-77`;
const formerPath = process.env["PATH"];
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "drover-agents-"));
  process.env["PATH"] = `${folder}${delimiter}${formerPath ?? ""}`;
});
after(async () => {
  process.env["PATH"] = formerPath;
  await rm(folder, { recursive: true });
});

/** An agent: `$action` is what it is asked for, `$input` all that it was told, and `$FOLDER/NAME.log` what came. */
async function agent(name: string, body: string): Promise<FenceDevice> {
  const path = join(folder, `fence_${name}`);
  await rm(path, { force: true });
  await rm(`${path}.log`, { force: true });
  await writeFile(path, `#!/bin/bash
input=$(cat)
action=$(sed -n 's/^action=//p' <<<"$input")
printf '%s|' "$action" "$@" >>"${path}.log"
state="${path}.state"
[ -e "$state" ] || echo 0 >"$state"
${body}
`);
  await chmod(path, 0o755);
  await rm(`${path}.state`, { force: true });
  return { agent: name, parameters: { ip: "10.0.0.21", lanplus: true, port: 7 }, secrets: { password: PASSWORD }, timeoutSeconds: 10 };
}

/** What an agent was asked for, in order, with anything on its command line. */
async function asked(name: string): Promise<string[]> {
  return (await readFile(join(folder, `fence_${name}.log`), "utf8")).split("|").slice(0, -1);
}

const HONEST = `case $action in on) echo 0 >"$state";; off) echo 2 >"$state";; status) exit "$(cat "$state")";; esac`;

/** What an action comes to that is refused. */
async function refusal(promise: Promise<unknown>): Promise<DroverError> {
  const error: unknown = await promise.then(() => assert.fail("it is to be refused"), (thrown: unknown) => thrown);
  assert.ok(error instanceof DroverError, String(error));
  for (const text of [error.message, JSON.stringify(error), error.stack ?? ""]) assert.ok(!text.includes(PASSWORD) && !text.includes("phrase-77"), text);
  return error;
}

describe("a fence agent", () => {
  it("says by its exit code whether a host has power", async () => {
    for (const [code, power] of [[0, "on"], [2, "off"]] as const) assert.equal(await fenceStatus("ash", await agent("coded", `exit ${code}`)), power);
    for (const code of [1, 3, 126]) assert.match((await refusal(fenceStatus("ash", await agent("coded", `echo no luck >&2; exit ${code}`)))).message, new RegExp(`could not ask fence_coded for status on ash: no luck \\(exit code ${code}\\)`));
    assert.match((await refusal(fenceStatus("ash", await agent("killed", "kill -TERM $$")))).message, /exit code 128/);
  });

  it("gets all by its standard input, and nothing on its command line or in its environment", async () => {
    const device = await agent("told", `printf '%s\\n' "$input" >"${join(folder, "told.input")}"; tr '\\0' '\\n' </proc/$$/cmdline >"${join(folder, "told.argv")}"; env >"${join(folder, "told.env")}"; exit 2`);
    process.env["DROVER_SECRET"] = "of this process";
    assert.equal(await fenceStatus("ash", { ...device, agent: "fence_told", secrets: { password: PASSWORD, quoted: `"x"`, spaced: " x " } }), "off");
    assert.deepEqual((await readFile(join(folder, "told.input"), "utf8")).trimEnd().split("\n"), ["ip=10.0.0.21", "lanplus=1", "port=7", `password=${PASSWORD}`, `quoted=""x""`, `spaced=" x "`, "action=status"]);
    assert.doesNotMatch(await readFile(join(folder, "told.env"), "utf8"), /PULUMI|DROVER_SECRET/, "what else this process knows is nothing to an agent");
    for (const file of ["told.argv", "told.env"]) assert.ok(!(await readFile(join(folder, file), "utf8")).includes("phrase-77"), file);
  });

  it("is masked where it tells its password, in whatever form", async () => {
    const device = await agent("loud", `echo "Parse error: $input" >&2; printf "login 'it'\\"'\\"'s a %spass%s phrase-77' refused\\n" '"' '"' >&2; echo "${encodeURIComponent(PASSWORD)} ${Buffer.from(PASSWORD).toString("base64")}" >&2; exit 1`);
    const { message } = await refusal(fenceStatus("ash", device));
    assert.match(message, /password=…; action=status; login '…' refused; … … \(exit code 1\)/);
  });

  it("is masked before its words are cut", async () => {
    const device = await agent("long", `echo "$(printf 'x%.0s' {1..590})${PASSWORD.replaceAll('"', String.raw`\"`)}" >&2; exit 1`);
    await refusal(fenceStatus("ash", device));
    const flood = await agent("flood", `for i in {1..4000}; do echo "${PASSWORD.replaceAll('"', String.raw`\"`)}"; done >&2; exit 1`);
    assert.match((await refusal(fenceStatus("ash", flood))).answer, /^[…; ]+ \(exit code 1\)$/);
  });

  it("is killed with all that it started when its time is over, or the operator cancels", async () => {
    const device = { ...await agent("hanging", `sleep 300 & echo $! >"${join(folder, "child")}"; echo waiting >&2; wait`), timeoutSeconds: 1 };
    const error = await refusal(fenceStatus("ash", device));
    assert.match(error.message, /no answer within 1 s; it had said: waiting/);
    const child = Number(await readFile(join(folder, "child"), "utf8"));
    assert.ok(await isGone(child), "the child of the agent is gone too");
    const cancelled = AbortSignal.timeout(200);
    await assert.rejects(powerOff("ash", [{ ...device, timeoutSeconds: 60 }], { signal: cancelled }), (thrown) => thrown === cancelled.reason);
    assert.ok(await isGone(Number(await readFile(join(folder, "child"), "utf8"))));
  });

  it("that is not installed is named with its package", async () => {
    assert.match((await refusal(powerOff("ash", [{ agent: "no_such_thing" }]))).message, /this machine has no fence_no_such_thing[^]*fence-agents/);
  });
});

/** A killed process goes in its own time. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      // A zombie that nobody waits for is gone too.
      if (/^State:\tZ/m.test(await readFile(`/proc/${pid}/status`, "utf8"))) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  return false;
}

describe("cutting a host's power", () => {
  it("is off and then status, and the proof says who said so and when", async () => {
    const proof = await powerOff("ash", [await agent("honest", HONEST)], { clock: { nowMs: () => 1_800_000_000_000, sleep: () => Promise.resolve() } });
    assert.deepEqual(proof, { by: "fence_honest", device: 0, at: "2027-01-15T08:00:00.000Z" });
    assert.deepEqual(await asked("honest"), ["off", "status"]);
    assert.equal((await powerOn("ash", [{ agent: "honest" }])).by, "fence_honest");
    assert.deepEqual(await asked("honest"), ["off", "status", "on", "status"]);
  });

  it("is not proved by a device whose status says on", async () => {
    const lying = await agent("lying", `case $action in status) exit 0;; off) echo "Success: Powered OFF";; esac`);
    assert.match((await refusal(powerOff("ash", [lying], { retries: 1 }))).message, /could not cut the power on ash: fence_lying: off succeeded, and yet its status says on\n {2}next: it may be on/);
    assert.deepEqual(await asked("lying"), ["off", "status", "off", "status"]);
  });

  it("is not proved by off alone, nor by a status after an off that failed", async () => {
    const dumb = await agent("dumb", `[ $action = off ] || { echo "cannot tell" >&2; exit 1; }`);
    assert.match((await refusal(powerOff("ash", [dumb], { retries: 0 }))).message, /fence_dumb: cannot tell \(exit code 1\)/);
    const failing = await agent("failing", `[ $action = status ] && exit 2; echo "no session" >&2; exit 1`);
    assert.match((await refusal(powerOff("ash", [failing], { retries: 0 }))).message, /fence_failing: off failed: no session \(exit code 1\)/);
    assert.deepEqual(await asked("failing"), ["off"]);
  });

  it("goes on to the next device, and tells what each of them said", async () => {
    const failing = await agent("failing", `echo "no session" >&2; exit 1`);
    const lines: string[] = [];
    const log = { debug: () => {}, info: (text: string) => { lines.push(text); }, warn: () => {}, error: () => {} };
    const proof = await powerOff("ash", [{ agent: "missing" }, failing, await agent("honest", HONEST)], { log });
    assert.deepEqual([proof.by, proof.device], ["fence_honest", 2]);
    assert.deepEqual(lines.map((line) => line.replace(/;.*/, "")), ["ash: device 1, fence_missing: this machine has no fence_missing", "ash: device 2, fence_failing: off failed: no session (exit code 1)", "ash: device 3, fence_honest: off, and its status says off"]);
    assert.match((await refusal(powerOff("ash", [failing, { agent: "missing" }], { retries: 0 }))).message, /on ash: \n {2}- device 1, fence_failing: off failed: no session \(exit code 1\)\n {2}- device 2, fence_missing: this machine has no fence_missing/);
  });

  it("tries again what failed", async () => {
    const moody = await agent("moody", `n=$(cat "$state.n" 2>/dev/null || echo 0); echo $((n + 1)) >"$state.n"; [ "$n" -ge 1 ] || exit 1; ${HONEST}`);
    assert.equal((await powerOff("ash", [moody])).by, "fence_moody");
    assert.deepEqual(await asked("moody"), ["off", "off", "status"]);
  });

  it("never asks for a restart, whatever a device is described as", async () => {
    for (const name of ["action", "option"]) assert.match((await refusal(powerOff("ash", [{ ...await agent("honest", HONEST), parameters: { [name]: "reboot" } }]))).message, new RegExp(`parameters\\.${name}: what is done`));
    await assert.rejects(asked("honest"), /ENOENT/);
  });

  it("needs a device", async () => {
    assert.match((await refusal(powerOff("ash", []))).message, /it has no fence device/);
  });
});

describe("the description of a fence device", () => {
  it("holds no line break: nothing that it says becomes another parameter", () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom("\n", "\r", "\0", "\u2028", "\u0085"), fc.string(), fc.constantFrom("parameters", "secrets"), (start, end, rest, group) => {
      assert.deepEqual(problemsOf({ agent: "ipmilan", [group]: { ip: `${start}${end}${rest}` } }).map(({ property }) => property), [`${group}.ip`]);
    }));
  });

  it("has what is secret among the secrets, once, and no value in what is said of it", () => {
    const problems = problemsOf({ agent: "../sh", parameters: { password: PASSWORD, "a b": PASSWORD, ip: "x", password_script: "/bin/x" }, secrets: { ip: PASSWORD } });
    assert.deepEqual(problems.map(({ property }) => property), ["agent", "parameters.password", "parameters", "secrets.ip"]);
    assert.ok(!JSON.stringify(problems).includes("phrase-77"));
  });
});

describe("the proof that a host is off already", () => {
  it("is what one device says, where none says that it is on; nothing is switched", async () => {
    const off = await agent("is-off", "exit 2");
    const on = await agent("is-on", "exit 0");
    const broken = await agent("is-broken", "exit 1");
    assert.deepEqual(await proofOfOff("ash", [broken, off]).then((proof) => [proof?.by, proof?.device]), ["fence_is-off", 1]);
    assert.equal(await proofOfOff("ash", [off, on]), undefined);
    assert.equal(await proofOfOff("ash", [broken]), undefined);
    assert.equal(await proofOfOff("ash", []), undefined);
    assert.deepEqual(new Set(await asked("is-off")), new Set(["status"]));
  });

  it("is not waited for where a device hangs", async () => {
    const hangs = await agent("hangs-at-status", "sleep 30");
    assert.equal(await proofOfOff("ash", [hangs], { patienceMs: 300 }), undefined);
  });
});
