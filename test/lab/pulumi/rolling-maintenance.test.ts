/** The example that maintains one host after the other, on the example that it is made for, with hosts that really go down. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../../../lab/place.js";
import { eventually, guestFacts, TestLab } from "../support/lab.js";
import { PulumiProject, told } from "../support/pulumi.js";

const HOSTS = ["ash", "birch"];
const BOOT_MS = 120_000;

const lab = new TestLab();
let project: PulumiProject;
let bootIds: Readonly<Record<string, string>>;
const running = new Set<ChildProcess>();

before(async () => {
  await lab.start({ own: true, hosts: HOSTS.length });
  const example = await readFile(join(packageRoot(), "examples/three-hosts/index.ts"), "utf8");
  // Two guests of half the size on two hosts, of which the one that is left while the other is maintained cannot be lost as well.
  const program = example.replace("[0, 1, 2]", "[0, 1]").replace('"256 MiB"', '"128 MiB"').replace("tolerate: { hosts: 1 }", '$&, enforce: "soft"');
  assert.ok(['"128 MiB"', "[0, 1]", "soft"].every((part) => program.includes(part)), "the example is as this test knows it");
  project = await PulumiProject.create({ program, environment: { ...lab.lab.env } });
  await project.setConfig("image", lab.lab.images.tiny);
  for (const [i, host] of HOSTS.entries()) await project.command(["config", "set", "--path", `hosts[${i}]`, host]);
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
  bootIds = await guests();
});
after(async () => {
  for (const child of running) child.kill();
  await project.remove();
  await lab.stop();
});

/** Boot ids of the guests by their names, as they say themselves. */
async function guests(): Promise<Record<string, string>> {
  const { vms } = await project.outputs() as { readonly vms: readonly { readonly name: string; readonly ipAddress: string }[] };
  return Object.fromEntries(await Promise.all(vms.map(async ({ name, ipAddress }) => [name, (await guestFacts(ipAddress, BOOT_MS)).bootId] as const)));
}

/** How many guests run on a host. */
async function load(host: string): Promise<number> {
  return (await lab.host(host).virsh(["list", "--name"])).split("\n").filter((line) => line !== "").length;
}

interface Rolling {
  readonly ended: Promise<{ readonly code: number; readonly output: string }>;
}

function roll(command: string): Rolling {
  const child = spawn(process.execPath, [join(packageRoot(), "examples/rolling-maintenance/index.ts"), "--directory", project.folder, "--stack", project.stack, "--steady", "0", "--patience", "60", "--", command], {
    env: { ...project.environment, FOLDER: project.folder }, stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => { running.delete(child); });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => { output += text; });
  return { ended: new Promise((resolve) => { child.once("close", (code) => { resolve({ code: code ?? 128, output }); }); }) };
}

/** Hosts for which the command was run, in order. */
async function visited(): Promise<string[]> {
  return (await readFile(join(project.folder, "visited"), "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
}

const VISIT = 'echo "$DROVER_HOST" >> "$FOLDER/visited"';

describe("examples/rolling-maintenance", () => {
  it("stops at a command that fails, with the host empty, and says what to do", async () => {
    const { code, output } = await roll(`${VISIT}; test "$DROVER_HOST_URI" = qemu+ssh://root@ash/system && exit 3`).ended;
    assert.equal(code, 1, output);
    assert.match(output, /could not run the command for ash: it ended with exit code 3\n {2}next: ash is empty and stays so\. .*run this again/);
    assert.deepEqual(await visited(), ["ash"]);
    assert.equal(await load("ash"), 0);
    assert.deepEqual(await guests(), bootIds);
  });

  it("goes on there when it is run again, waits for hosts that went down, and leaves all as it was", async () => {
    // The hosts lose their power as soon as the command runs for them, and get it back after the command has ended.
    const rolling = roll(`${VISIT}; until test -e "$FOLDER/down-$DROVER_HOST"; do sleep 0.2; done`);
    for (const [i, host] of HOSTS.entries()) {
      await Promise.race([
        eventually(`the command for ${host}`, async () => ((await visited())[i + 1] === host ? true : undefined), 300_000),
        rolling.ended.then(({ output }) => { throw new Error(`it ended before its command ran for ${host}: ${output}`); }),
      ]);
      assert.equal(await load(host), 0, `${host} is empty when the command runs for it`);
      await lab.break(host);
      await writeFile(join(project.folder, `down-${host}`), "");
      await new Promise((resolve) => { setTimeout(resolve, 3_000); });
      await lab.heal(host);
    }
    const { code, output } = await rolling.ended;
    assert.equal(code, 0, output);
    assert.match(output, /ash: going on where the last run stopped \(command\)/);
    assert.deepEqual(await visited(), ["ash", ...HOSTS]);
    assert.deepEqual(await guests(), bootIds, "each guest lives the life that it had");
    assert.deepEqual(await Promise.all(HOSTS.map(load)), [1, 1], "the rule of the example holds again");
    const config = await project.command(["config", "--json"]);
    assert.ok(!config.includes("maintenance") && !config.includes("rollingMaintenance"), config);
    // Pulumi keeps the config with the default provider too, and tells that it differs; nobody else does.
    assert.deepEqual(told(await project.preview()).filter((line) => !line.startsWith("update pulumi-nodejs default")), []);
  });
});
