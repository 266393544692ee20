/** The seam as an operator sees it: the real `pulumi` command with the toy kinds. A run takes seconds: the tests are one story. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { StateResource } from "../../cli/stack-state.js";
import { PulumiProject, type Run } from "../lab/support/pulumi.js";
import { writeToyPackage } from "./support/toy-package.js";

const SECRET = "hunter2";
let project: PulumiProject;

before(async () => {
  project = await PulumiProject.create({ program: "" });
  await writeToyPackage(project.folder);
});
after(() => project.remove());

/** A host for each deed of the toy, the one that fails last (an error ends the run), and a VM that is given secrets in the clear wherever it can be. */
async function declare(deeds: readonly string[]): Promise<void> {
  await project.write(`import * as pulumi from "@pulumi/pulumi";
import { Host, VirtualMachine } from "drover";
const host = { name: "ash", uri: "u", owner: "o", ssh: { passphrase: "${SECRET}" } };
const pool = { name: "p", uuid: "u", owner: "o", path: "/p", shared: true, hosts: [host] };
const web = new VirtualMachine("web", { host, memory: "1 GiB", cloudInit: { userData: { password: "${SECRET}" } }, graphics: { password: "${SECRET}" }, disks: {
  plain: { pool, size: "1 GiB" }, output: { pool: pulumi.output(pool), size: "1 GiB" }, promise: { pool: Promise.resolve(pool), size: "1 GiB" },
  secret: { pool: pulumi.secret(pool), size: "1 GiB" }, disk: { disk: { volume: "v", format: "raw", pool } },
} });
const dependsOn = [web];
for (const deed of ${JSON.stringify(deeds)}) {
  const made = new Host(deed, { uri: "toy:" + deed, ssh: { password: "${SECRET}", identityFile: "key-of-" + deed } }, { dependsOn: deed === "half-at-first" ? [...dependsOn] : [] });
  dependsOn.push(made);
}
`);
}

/** Nothing of ours and no secret is in what a run shows, nor a secret in the log of its events. */
function assertDiscreet(run: Run): void {
  assert.doesNotMatch(run.output + JSON.stringify(run.messages), /__|drover(Name|Key|Version)|drover\/provider/);
  assert.ok(!JSON.stringify(run).includes(SECRET), "a secret is shown");
}

async function state(): Promise<ReadonlyMap<string, StateResource>> {
  const resources = await project.state();
  assert.ok(!JSON.stringify(resources).includes(SECRET), "a secret is in the state in the clear");
  return new Map(resources.map((each) => [each.urn.slice(each.urn.lastIndexOf("::") + 2), each]));
}

const changes = ({ changes }: Run): string[] => changes.map(({ op, name, diffs }) => `${op} ${name} ${diffs.join(",")}`.trim()).sort();
/** What is told of a resource, in order. */
const toldOf = ({ messages }: Run, name: string): string[] => messages.filter(({ urn }) => urn.endsWith(`::${name}`)).map(({ severity, text }) => `${severity}: ${text.trim()}`);

/** `pulumi up` with Ctrl-C as often as said, once the named resources are being made. */
async function interrupted(making: readonly string[], times: 1 | 2): Promise<Run & { readonly tookMs: number }> {
  const run = await project.start("up", ["--yes", "--skip-preview"]);
  const untilMs = performance.now() + 60_000;
  while (!making.every((name) => run.output.includes(`makes pulumi-nodejs:dynamic/drover:Host::${name}`))) {
    assert.ok(performance.now() < untilMs, run.output);
    await delay(50);
  }
  const startMs = performance.now();
  run.interrupt();
  if (times === 2) {
    await delay(500);
    run.interrupt();
  }
  const ended = await run.ended;
  assert.notEqual(ended.code, 0, ended.output);
  return { ...ended, tookMs: performance.now() - startMs };
}

const lasting = ["says", "gone", "drifted", "silent", "half-at-first"];

describe("pulumi", () => {
  it("preview: tells all errors of a resource, each with the property's path and the nearest name", async () => {
    await project.write(`import { VirtualMachine } from "drover";
new VirtualMachine("web", { vcpu: 2, memory: "4 gb", host: { name: "h", uri: "u", owner: "o", ssh: { pasword: "${SECRET}" } }, disks: { root: { sise: "1 GiB", size: -1 } } });
`);
    const run = await project.preview();
    assert.notEqual(run.code, 0);
    assertDiscreet(run);
    const told = toldOf(run, "web");
    assert.equal(told.length, 5, told.join("\n"));
    for (const words of [
      /: vcpu: there is no such property \(did you mean "vcpus"\?\)/, /: memory: "4 gb" has the unknown unit "gb"/,
      /: host\.ssh\.pasword: there is no such property \(did you mean "password"\?\)/, /: disks\.root\.sise: .*\(did you mean "size"\?\)/, /: disks\.root\.size: .*got -1/,
    ]) assert.ok(told.some((line) => line.startsWith("error: ") && words.test(line)), `${words} in\n${told.join("\n")}`);
  });

  it("up: keeps secrets, shows warnings as such under their resource, and keeps what was made in part", async () => {
    await declare(lasting);
    const run = await project.up("--diff");
    assert.notEqual(run.code, 0);
    assertDiscreet(run);
    assert.match(run.output, /password *: \[secret\]/);
    assert.match(run.output, /identityFile *: "key-of-says"/, "what is beside a secret is shown");
    assert.deepEqual(toldOf(run, "says"), ["info: makes pulumi-nodejs:dynamic/drover:Host::says", "info: it is told", "warning: it is warned", "warning: it is an error"]);
    assert.match(toldOf(run, "half-at-first").join("\n"), /error: .*\n.*the toy is half made/);
    const half = (await state()).get("half-at-first");
    assert.deepEqual([half?.id, half?.outputs?.["hostname"], half?.inputs?.["uri"]], ["toy-half", "half", "toy:half-at-first"]);
  });

  it("up again: updates what was made in part, and nothing else", async () => {
    const run = await project.up("--diff");
    assert.equal(run.code, 0, run.output);
    assertDiscreet(run);
    assert.deepEqual(changes(run), ["update half-at-first"]);
  });

  it("refresh: what is gone leaves the state, what drifted shows by its property, what does not answer stays", async () => {
    const run = await project.refresh();
    assert.notEqual(run.code, 0);
    assertDiscreet(run);
    assert.match(run.output, /Host gone deleted/);
    assert.match(run.output, /Host drifted updated .*\[diff: ~connectTimeoutSeconds\]/);
    assert.deepEqual(toldOf(run, "silent"), ["error: the toy does not answer"]);
    // The first calls of a process are answered before ours are known: their lines may be under no resource, and name it.
    assert.ok(run.messages.some(({ severity, text }) => severity === "warning" && /^(says: )?it is warned\s*$/.test(text)), run.output);
    const after = await state();
    assert.deepEqual([...after.keys()].filter((name) => lasting.includes(name)).sort(), ["drifted", "half-at-first", "says", "silent"]);
    assert.equal(after.get("half-at-first")?.outputs?.["hostname"], "whole");
  });

  it("up: puts right what a refresh found", async () => {
    const run = await project.up("--diff");
    assert.equal(run.code, 0, run.output);
    assertDiscreet(run);
    assert.deepEqual(changes(run), ["create gone", "update drifted connectTimeoutSeconds"]);
    assert.match(run.output, /connectTimeoutSeconds: 99 => 10/);
  });
});

describe("Ctrl-C", () => {
  it("once: what can be cut short undoes itself, and what cannot is waited for and kept", async () => {
    await declare([...lasting, "slow", "stubborn"]);
    const run = await interrupted(["slow", "stubborn"], 1);
    assertDiscreet(run);
    assert.ok(run.tookMs < 30_000, `${run.tookMs} ms`);
    assert.deepEqual(toldOf(run, "slow").slice(1), ["error: cancelled by the operator"]);
    const after = await state();
    assert.equal(after.has("slow"), false);
    assert.equal(after.get("stubborn")?.outputs?.["hostname"], "stubborn");
  });

  it("twice: the engine goes without what cannot be cut short, and the next up works", async () => {
    await declare([...lasting, "slow", "stubborn", "endless"]);
    const run = await interrupted(["slow", "endless"], 2);
    assertDiscreet(run);
    assert.ok(run.tookMs < 30_000, `${run.tookMs} ms`);
    assert.deepEqual(toldOf(run, "slow").slice(1), ["error: cancelled by the operator"]);
    await declare([...lasting, "stubborn"]);
    const next = await project.up();
    assert.equal(next.code, 0, next.output);
    assert.deepEqual(changes(next), []);
    assert.match(next.output, /::endless, interrupted while creating/);
    const after = await state();
    assert.deepEqual(["slow", "endless", "stubborn"].map((name) => after.has(name)), [false, false, true]);
  });
});
