/**
 * Ctrl-C during `pulumi up`, once (the engine waits for what is under way) and twice (it goes at once), while an image is uploaded and while a VM is
 * being made. Whatever the state knows of it, the next `up` finishes it, with no second domain and no orphan.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { assertPaired } from "../support/killing.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject, type Run } from "../support/pulumi.js";

const lab = new TestLab();
const servers: Server[] = [];
let project: PulumiProject;
let source: string;
let sha256: string;
/** Requests for the image so far; while `stalls`, each gets the first MiB and no end. */
let requests = 0;
let stalls = true;

before(async () => {
  await lab.start({});
  const content = await readFile(lab.lab.images.tiny);
  sha256 = createHash("sha256").update(content).digest("hex");
  const server = createServer((_request, response) => {
    requests += 1;
    response.setHeader("content-length", content.length);
    if (stalls) response.write(content.subarray(0, 1024 ** 2));
    else response.end(content);
  });
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  source = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny.qcow2`;
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await project.remove();
  assert.deepEqual(await files(), []);
  assert.deepEqual(await domains(), []);
  await lab.stop();
});

const folder = async (): Promise<string> => (await lab.sharedFolder()).inHosts;
const files = async (): Promise<string[]> => (await lab.host("ash").check(["ls", "-A", await folder()])).split("\n").filter((file) => file !== "" && file !== "drover-pool.json");
const domains = async (): Promise<string[]> => (await lab.host("ash").virsh(["list", "--all", "--name"])).split("\n").filter((domain) => domain.startsWith(lab.name("")));
const pidOf = async (vm: string): Promise<string> => await lab.host("ash").check(["cat", `/run/libvirt/qemu/${lab.name(vm)}.pid`]);

/** VMs that would wait long for their address, which a cable that is pulled out never brings. */
async function program(vms: readonly string[], waitSeconds: number): Promise<string> {
  return `import { Host, Image, StoragePool, VirtualMachine } from "drover";
const host = new Host("ash", { uri: ${JSON.stringify(lab.host("ash").host.uri)} });
const pool = new StoragePool("${lab.name("pool")}", { hosts: [host], path: "${await folder()}", shared: true });
const image = new Image("${lab.name("image")}", { pool, source: "${source}", sha256: "${sha256}" });
for (const name of ${JSON.stringify(vms.map((vm) => lab.name(vm)))}) new VirtualMachine(name, {
  host, memory: "64 MiB", disks: { root: { image }, data: { pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0", link: "down" } },
  waitForIp: { timeoutSeconds: ${waitSeconds} }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
});
`;
}

/** `pulumi up` with Ctrl-C pressed when the moment has come, so many times. */
async function interrupted(moment: () => Promise<boolean>, times: 1 | 2): Promise<Run> {
  const run = await project.start("up", ["--yes", "--skip-preview"]);
  await Promise.race([
    eventually("the moment of Ctrl-C", async () => ((await moment()) ? true : undefined), 60_000),
    run.ended.then(({ output }) => { throw new Error(`it ended before: ${output}`); }),
  ]);
  const startMs = performance.now();
  run.interrupt();
  if (times === 2) {
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    run.interrupt();
  }
  const ended = await run.ended;
  assert.notEqual(ended.code, 0, ended.output);
  assert.ok(performance.now() - startMs < 30_000, `it took ${performance.now() - startMs} ms to end:\n${ended.output}`);
  // A second Ctrl-C that comes just as the first one ends the run kills the CLI before it unlocks the stack.
  if (times === 2) await project.command(["cancel", "--yes"]);
  return ended;
}

const kinds = async (): Promise<string[]> => (await project.state()).map(({ type }) => type.slice(type.lastIndexOf(":") + 1)).sort();

describe("Ctrl-C during `pulumi up`", () => {
  it("once, while an image is uploaded: the upload ends and leaves nothing, neither there nor in the state", async () => {
    await project.write(await program(["one"], 1));
    const run = await interrupted(() => Promise.resolve(requests > 0), 1);
    assert.match(run.output, /could not (upload|download) [^\n]*: it was cancelled/);
    assert.ok(!(await kinds()).includes("Image"));
    assert.deepEqual(await files(), []);
  });

  it("twice, while an image is uploaded: the next `up` makes it anew", async () => {
    const before = requests;
    await interrupted(() => Promise.resolve(requests > before), 2);
    assert.ok(!(await kinds()).includes("Image"));
  });

  it("once, while a VM of ours waits: it is kept, and is not made again", async () => {
    stalls = false;
    await project.write(await program(["one"], 300));
    const run = await interrupted(async () => (await domains()).includes(lab.name("one")), 1);
    assert.match(run.output, /cancelled by the operator/);
    assert.deepEqual(await domains(), [lab.name("one")]);
  });

  it("twice, while another is made: the next `up` finishes both, and nothing is there twice", async () => {
    await project.write(await program(["one", "two"], 300));
    await interrupted(async () => (await files()).some((file) => file.startsWith(lab.name("two"))), 2);
    const pid = await pidOf("one");
    await project.write(await program(["one", "two"], 1));
    const whole = await project.up();
    assert.equal(whole.code, 0, whole.output);
    assert.deepEqual((await domains()).sort(), [lab.name("one"), lab.name("two")]);
    assert.equal(await pidOf("one"), pid, "the guest was not restarted");
    const there = await files();
    assertPaired(there);
    assert.equal(there.length, 2 * 5, there.join(", "));
    const quiet = await project.preview("--refresh");
    assert.deepEqual(quiet.changes, [], quiet.output);
  });
});
