/** Full hosts that exchange their guests, a host drained in the plan's order, and another stack on the same hosts. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { movesOf, places } from "../support/guests.js";
import { eventually, guestFacts, TestLab } from "../support/lab.js";
import { CounterClient } from "../support/moving.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
const PREFIX = "vm-";
let project: PulumiProject;
let neighbour: PulumiProject;
/** Processors of each host: of the machine that the lab is on. */
let processors = 0;

before(async () => {
  // Of its own: how full a host is counts, and other files' guests would fill it.
  await lab.start({ own: true, hosts: 3 });
  processors = Number(/CPU\(s\): +([0-9]+)/.exec(await lab.host("ash").virsh(["nodeinfo"]))?.[1]);
  await lab.host("ash").check(["mkdir", "-p", `${lab.lab.sharedPath}/mine`, `${lab.lab.sharedPath}/theirs`]);
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
  neighbour = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  await neighbour.remove();
  await project.remove();
  await lab.stop();
});

interface Vm {
  readonly name: string;
  /** Hosts that it may run on. Default: any. */
  readonly on?: string;
  /** Boots the tiny guest. */
  readonly answers?: boolean;
}

interface Program {
  readonly vms: readonly Vm[];
  /** How many vCPUs fit on a host. Default: more than are needed. */
  readonly places?: Readonly<Record<string, number>>;
  readonly maintenance?: readonly string[];
  readonly folder: string;
}

function program({ vms, places: room = {}, maintenance = [], folder }: Program): string {
  const reserve = Object.fromEntries(Object.entries(room).map(([host, count]) => [host, processors * 8 - count]));
  return `import { Cluster, Host, Image, StoragePool, VirtualMachine } from "drover";
const maintenance = ${JSON.stringify(maintenance)};
const reserve = ${JSON.stringify(reserve)};
const hosts = ["ash", "birch", "cedar"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, maintenance: maintenance.includes(name), reserve: { vcpus: (reserve[name] ?? 0) / 8 } }));
const pool = new StoragePool("${folder}", { hosts, path: "${lab.lab.sharedPath}/${folder}", shared: true });
const image = new Image("tiny", { pool, source: ${JSON.stringify(lab.lab.images.tiny)} });
const prod = new Cluster("prod", { hosts });
export const macs = {};
for (const { name, on, answers } of ${JSON.stringify(vms)}) {
  const vm = new VirtualMachine(name, {
    cluster: prod, name: "${PREFIX}" + name, memory: answers ? "128 MiB" : "64 MiB", disks: { root: answers ? { image } : { pool, size: "4 MiB" } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
  });
  if (on !== undefined) prod.rule("home of " + name, { kind: "fence", vms: [vm], hosts: [on] });
  macs[name] = vm.macs.apply((all) => all.lan);
}
`;
}

async function well(run: Promise<Run>): Promise<Run> {
  const ended = await run;
  assert.equal(ended.code, 0, ended.output);
  return ended;
}

/** Two guests of each host, one of which answers. */
const homes = (a: string, b: string): Vm[] => [{ name: "a0", on: a, answers: true }, { name: "a1", on: a }, { name: "b0", on: b, answers: true }, { name: "b1", on: b }];
const ROOM = { ash: 2, birch: 2, cedar: 1 };

describe("two full hosts", () => {
  const clients: CounterClient[] = [];
  const addresses: string[] = [];
  const lives: string[] = [];
  after(() => { for (const client of clients) client.close(); });
  const start = { a0: "ash", a1: "ash", b0: "birch", b1: "birch" };

  it("can not exchange their guests while another stack has the only free place, which is told before anything moves", async () => {
    await project.write(program({ vms: homes("ash", "birch"), places: ROOM, folder: "mine" }));
    await well(project.up());
    assert.deepEqual(await places(lab, PREFIX), start);
    const macs = (await project.outputs())["macs"] as Readonly<Record<string, string>>;
    for (const name of ["a0", "b0"]) {
      const address = await eventually("a lease", () => lab.addressOf(macs[name] ?? ""), 120_000);
      addresses.push(address);
      lives.push((await guestFacts(address, 120_000)).bootId);
      clients.push(await CounterClient.connect({ address }));
    }
    await neighbour.write(program({ vms: [{ name: "other", on: "cedar" }], folder: "theirs" }));
    await well(neighbour.up());
    await project.write(program({ vms: homes("birch", "ash"), places: ROOM, folder: "mine" }));
    const refused = await project.preview();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /could not place the VMs of cluster prod/);
    assert.deepEqual(await places(lab, PREFIX), { ...start, other: "cedar" });
  });

  it("exchange them by way of a third, and every connection is kept", async () => {
    await neighbour.write(program({ vms: [{ name: "other", on: "ash" }], folder: "theirs" }));
    // Its own room is another: what this stack thinks of a host's size is its own.
    await well(neighbour.up());
    await project.write(program({ vms: homes("birch", "ash"), places: { ...ROOM, ash: 3 }, folder: "mine" }));
    const shown = await well(project.preview());
    const moves = movesOf(shown);
    assert.ok(moves.some(({ to }) => to === "cedar"), shown.output);
    assert.ok(moves.some(({ from }) => from === "cedar"), shown.output);
    assert.ok(moves.every(({ vm }) => vm !== "other"));
    await well(project.up());
    assert.deepEqual(await places(lab, PREFIX), { a0: "birch", a1: "birch", b0: "ash", b1: "ash", other: "ash" });
    for (const client of clients) await client.advances();
    assert.deepEqual(await Promise.all(addresses.map(async (address) => (await guestFacts(address)).bootId)), lives);
    assert.deepEqual(told(await well(neighbour.preview())), []);
  });
});

describe("a host of twelve guests", () => {
  const names = Array.from({ length: 12 }, (_, index) => `d${String(index).padStart(2, "0")}`);

  it("is drained in the order of the plan, and another stack's guest stays", async () => {
    await project.write(program({ vms: names.map((name) => ({ name, on: "ash" })), folder: "mine" }));
    await well(project.up());
    await project.write(program({ vms: names.map((name) => ({ name })), maintenance: ["ash"], folder: "mine" }));
    const run = await well(project.up());
    assert.match(run.output, /ash is not empty afterwards: vm-other is not of this cluster, and stays/);
    const moves = movesOf(run);
    assert.deepEqual(moves.map(({ vm }) => vm).sort(), names);
    assert.ok(moves.every(({ from, to, reason }) => from === "ash" && to !== "ash" && reason !== ""));
    assert.ok(moves.some(({ after: before }) => before.length > 0), "no more than some at a time");
    const log = run.messages.map(({ text }) => text);
    const at = (text: string): number => log.findIndex((line) => line.startsWith(text));
    for (const { vm, from, to, after: before } of moves) {
      const begun = at(`moving ${vm} from ${from} to ${to}`);
      assert.ok(begun >= 0 && at(`moved ${vm} `) > begun, `${vm} in ${log.join("\n")}`);
      for (const index of before) assert.ok(at(`moved ${moves[index]?.vm ?? ""} `) < begun, `${vm} is moved after ${moves[index]?.vm ?? ""}: ${log.join("\n")}`);
    }
    const now = await places(lab, PREFIX);
    assert.deepEqual(now, { ...Object.fromEntries(moves.map(({ vm, to }) => [vm, to])), other: "ash" });
    const quiet = await well(project.preview("--refresh"));
    assert.deepEqual(told(quiet), [], quiet.output);
  });
});
