/** Hosts that join and leave a running cluster, with guests that answer all the while. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually, guestFacts, TestLab } from "../support/lab.js";
import { definitions, movesOf, places } from "../support/guests.js";
import { CounterClient } from "../support/moving.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
const prefix = (): string => `${lab.name("web")}-`;
let project: PulumiProject;

before(async () => {
  // What others place on the common hosts would count here.
  await lab.start({ own: true });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

/** Two guests that answer, on these hosts; a host of `full` keeps all of its processors for itself. */
async function write(names: readonly string[], full: readonly string[] = []): Promise<void> {
  const { inHosts } = await lab.sharedFolder();
  await project.write(`import { Cluster, Host, Image, Network, StoragePool, VirtualMachine } from "drover";
const full = ${JSON.stringify(full)};
const hosts = ${JSON.stringify(names)}.map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, reserve: full.includes(name) ? { vcpus: 10_000 } : {} }));
const pool = new StoragePool("disks", { hosts, name: "${lab.name("disks")}", path: "${inHosts}", shared: true });
const lan = new Network("lan", { hosts, name: "${lab.name("lan")}", forward: "bridge", bridge: "br0" });
const image = new Image("tiny", { pool, source: ${JSON.stringify(lab.lab.images.tiny)} });
const prod = new Cluster("prod", { hosts });
const web = [0, 1].map((i) => new VirtualMachine(\`web-\${i}\`, {
  cluster: prod, name: \`${prefix()}\${i}\`, memory: "128 MiB", disks: { root: { image } }, nics: { lan: { network: lan } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
}));
prod.rule("apart", { kind: "separate", vms: web, hard: false });
export const macs = web.map((vm) => vm.macs.apply((all) => all.lan));
`);
}

async function preview(): Promise<Run> {
  const run = await project.preview();
  assert.equal(run.code, 0, run.output);
  return run;
}

/** Names of pools and networks of the test that a host has. */
async function resources(host: string): Promise<string[]> {
  const lists = await Promise.all(["pool-list", "net-list"].map((list) => lab.host(host).virsh([list, "--all", "--name"])));
  return lists.join("\n").split("\n").map((name) => name.trim()).filter((name) => name.startsWith(lab.name(""))).sort();
}

describe("a cluster with guests that answer", () => {
  const clients: CounterClient[] = [];
  const addresses: string[] = [];
  let lives: string[] = [];
  after(() => { for (const client of clients) client.close(); });

  /** Each guest lives on in the same life, and its connection has missed nothing. */
  async function goOn(): Promise<void> {
    for (const client of clients) await client.advances();
    assert.deepEqual(await Promise.all(addresses.map(async (address) => (await guestFacts(address)).bootId)), lives);
  }

  it("is made on two hosts", async () => {
    await write(["ash", "birch"]);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(Object.values(await places(lab, prefix())).sort(), ["ash", "birch"]);
    const { macs } = await project.outputs() as { readonly macs: readonly string[] };
    for (const mac of macs) addresses.push(await eventually("a lease", () => lab.addressOf(mac), 120_000));
    lives = await Promise.all(addresses.map(async (address) => (await guestFacts(address, 120_000)).bootId));
    for (const address of addresses) clients.push(await CounterClient.connect({ address }));
  });

  it("takes a host in, and no VM moves or changes", async () => {
    const before = await places(lab, prefix());
    await write(["ash", "birch", "cedar"]);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(movesOf(run), []);
    assert.deepEqual(told(run).filter((line) => line.includes("VirtualMachine") || line.includes("Image")), [], run.output);
    assert.ok(["create Host cedar", "create HostStoragePool disks-cedar", "create HostNetwork lan-cedar"].every((line) => told(run).includes(line)), told(run).join("\n"));
    assert.deepEqual(await places(lab, prefix()), before);
    await goOn();
    const quiet = await preview();
    assert.deepEqual(told(quiet), [], quiet.output);
  });

  it("refuses in preview to let a host go whose guests fit nowhere, and touches nothing", async () => {
    const before = await places(lab, prefix());
    await write(["birch", "cedar"], ["birch", "cedar"]);
    const refused = await project.preview();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /could not place the VMs of cluster prod[^]*ash[^]*nothing was changed/, refused.output);
    assert.deepEqual(await places(lab, prefix()), before);
    assert.equal((await resources("ash")).length, 2, "what the host had is still there");
    await goOn();
  });

  it("empties a host that leaves the program, then takes its pool and network away, while its guest answers", async () => {
    const before = await places(lab, prefix());
    const [leaver = ""] = Object.entries(before).find(([, host]) => host === "ash") ?? [];
    await write(["birch", "cedar"]);
    const shown = await preview();
    assert.deepEqual(movesOf(shown).map(({ vm, from, to }) => `${vm} ${from} ${to}`), [`web-${leaver} ash cedar`], shown.output);
    assert.match(shown.output, /move web-\d +ash +→ cedar .*which leaves the cluster/, shown.output);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const order = run.changes.map(({ op, kind, name }) => `${op} ${kind} ${name}`);
    for (const gone of ["delete HostStoragePool disks-ash", "delete HostNetwork lan-ash", "delete Host ash"]) {
      assert.ok(order.indexOf(gone) > order.indexOf("update Placement prod"), `${gone} after the moves: ${order.join(", ")}`);
    }
    assert.deepEqual(await places(lab, prefix()), { ...before, [leaver]: "cedar" });
    assert.deepEqual(await resources("ash"), []);
    assert.deepEqual(await definitions(lab, "ash", prefix()), []);
    assert.ok(!(await lab.host("ash").virsh(["secret-list"])).includes("drover-cluster"), "the cluster's note is gone from it");
    await goOn();
    const quiet = await project.preview("--refresh");
    assert.deepEqual(told(quiet), [], quiet.output);
  });

  it("takes the host in again under its name", async () => {
    const before = await places(lab, prefix());
    await write(["ash", "birch", "cedar"]);
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(await places(lab, prefix()), before);
    await goOn();
  });
});
