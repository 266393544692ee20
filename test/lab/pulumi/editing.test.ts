import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { BOOT_MS } from "../support/guest.js";
import { eventually, guestFacts, TestLab, type GuestFacts } from "../support/lab.js";
import { PulumiProject, told } from "../support/pulumi.js";

const MIB = 1024 ** 2;
const lab = new TestLab();
let project: PulumiProject;

before(async () => {
  await lab.start({});
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

/** What an operator edits of the example: how many VMs there are, and what each has beside its root disk and its NIC. */
interface Edit {
  readonly vms: readonly string[];
  readonly more?: Readonly<Record<string, string>>;
}

/** The program of `examples/three-hosts`, on the lab's hosts and under names of this file's own. */
async function example({ vms, more = {} }: Edit): Promise<string> {
  const { inHosts } = await lab.sharedFolder();
  return `import { Host, Image, Network, StoragePool, VirtualMachine } from "drover";
const hosts = ["ash", "birch", "cedar"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\` }));
const disks = new StoragePool("${lab.name("disks")}", { hosts, type: "dir", path: "${inHosts}", shared: true });
const lan = new Network("${lab.name("lan")}", { hosts, forward: "bridge", bridge: "br0" });
const system = new Image("system", { pool: disks, source: ${JSON.stringify(lab.lab.images.tiny)} });
const root = { image: system };
const nic = { network: lan };
const web = (name, host, more = {}) => new VirtualMachine(name, {
  host, vcpus: 1, memory: "192 MiB", disks: { root }, nics: { lan: nic },
  cloudInit: { metaData: { "local-hostname": name } },
  waitForIp: { timeoutSeconds: ${BOOT_MS / 1000} },
  shutdown: { timeoutSeconds: 10, onTimeout: "power-off" },
  ...more,
});
const made = [${vms.map((vm, i) => `web("${lab.name(vm)}", hosts[${i}], ${more[vm] ?? "{}"})`).join(", ")}];
/** Each VM's host and address. */
export const vms = made.map((vm) => ({ name: vm.name, host: vm.runsOn, ipAddress: vm.ipAddress }));
`;
}

/** A guest in one life: the process that it is, and what it sees of itself. */
interface Life {
  readonly facts: GuestFacts;
  readonly process: string;
}

async function lifeOf(vm: string, host: string): Promise<Life> {
  const { vms } = (await project.outputs()) as { vms: readonly { readonly name: string; readonly ipAddress: string }[] };
  const address = vms.find(({ name }) => name === lab.name(vm))?.ipAddress;
  assert.ok(address, `${vm} has an address`);
  return { facts: await guestFacts(address), process: await lab.host(host).check(["cat", `/run/libvirt/qemu/${lab.name(vm)}.pid`]) };
}

async function edited(edit: Edit): Promise<string[]> {
  await project.write(await example(edit));
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
  const quiet = await project.up();
  assert.deepEqual([quiet.code, told(quiet)], [0, []], quiet.output);
  return told(run).map((step) => step.replace(lab.name(""), ""));
}

async function isSameLife(vm: string, host: string, before: Life, sees: (facts: GuestFacts) => boolean): Promise<void> {
  await eventually(`${vm} sees the change`, async () => {
    const now = await lifeOf(vm, host);
    assert.deepEqual([now.process, now.facts.bootId], [before.process, before.facts.bootId], `${vm} was not restarted`);
    return sees(now.facts) ? now : undefined;
  });
}

/** The running guest's document and its definition, which agree. */
async function documents(vm: string, host: string): Promise<readonly string[]> {
  return [await lab.host(host).virsh(["dumpxml", lab.name(vm)]), await lab.host(host).virsh(["dumpxml", "--inactive", lab.name(vm)])];
}

function count(xml: string, pattern: RegExp): number {
  return [...xml.matchAll(pattern)].length;
}

const DISK = /<disk type='file' device='disk'/g;
const NIC = /<interface type=/g;

describe("the example, edited while its guests run", () => {
  let zero: Life;
  let one: Life;

  it("is made, and quiet", async () => {
    const made = await edited({ vms: ["web-0", "web-1"] });
    assert.deepEqual(made.filter((step) => step.includes("VirtualMachine")), ["create VirtualMachine web-0", "create VirtualMachine web-1"]);
    [zero, one] = [await lifeOf("web-0", "ash"), await lifeOf("web-1", "birch")];
    assert.deepEqual([zero.facts.hostname, one.facts.hostname], [lab.name("web-0"), lab.name("web-1")]);
  });

  it("gets more memory, another disk and another NIC in one VM, and another virtual CPU in another", async () => {
    assert.deepEqual(await edited({ vms: ["web-0", "web-1"], more: {
      "web-0": `{ memory: "320 MiB", disks: { root, data: { pool: disks, size: "32 MiB" } }, nics: { lan: nic, extra: nic } }`,
      "web-1": `{ vcpus: 2 }`,
    } }), ["update VirtualMachine web-0: disks, memory, nics", "update VirtualMachine web-1: vcpus"]);
    await isSameLife("web-0", "ash", zero, ({ memoryKiB, blockDevices, nics }) =>
      memoryKiB - zero.facts.memoryKiB > 100 * 1024 && blockDevices.length === zero.facts.blockDevices.length + 1 && nics.length === 2);
    await isSameLife("web-1", "birch", one, ({ cpus }) => cpus === 2);
    for (const xml of await documents("web-0", "ash")) {
      assert.deepEqual([count(xml, DISK), count(xml, NIC)], [2, 2], xml);
      assert.match(xml, new RegExp(`<currentMemory unit='KiB'>${320 * 1024}<`));
    }
  });

  it("gets a bigger disk, one NIC less and one VM more, and nothing else is touched", async () => {
    assert.deepEqual(await edited({ vms: ["web-0", "web-1", "web-2"], more: {
      "web-0": `{ memory: "320 MiB", disks: { root, data: { pool: disks, size: "64 MiB" } } }`,
      "web-1": `{ vcpus: 2 }`,
    } }), ["create VirtualMachine web-2", "update VirtualMachine web-0: disks, nics"]);
    await isSameLife("web-0", "ash", zero, ({ blockDevices, nics }) => blockDevices.some(({ bytes }) => bytes === 64 * MIB) && nics.length === 1);
    await isSameLife("web-1", "birch", one, ({ cpus }) => cpus === 2);
    for (const xml of await documents("web-0", "ash")) assert.equal(count(xml, NIC), 1);
    assert.equal((await lifeOf("web-2", "cedar")).facts.hostname, lab.name("web-2"));
  });

  it("gets a bigger root disk, one disk and one VM less, and keeps the disk's data", async () => {
    const { inHosts } = await lab.sharedFolder();
    assert.deepEqual(await edited({ vms: ["web-0", "web-1"], more: {
      "web-0": `{ memory: "320 MiB" }`,
      "web-1": `{ vcpus: 2, disks: { root: { ...root, size: "1 GiB" } } }`,
    } }), ["delete VirtualMachine web-2", "update VirtualMachine web-0: disks", "update VirtualMachine web-1: disks"]);
    await isSameLife("web-0", "ash", zero, ({ blockDevices }) => blockDevices.length === zero.facts.blockDevices.length);
    await isSameLife("web-1", "birch", one, ({ blockDevices }) => blockDevices.some(({ bytes }) => bytes === 1024 * MIB));
    for (const xml of await documents("web-0", "ash")) assert.ok(!xml.includes("-data.qcow2"));
    const kept = (await lab.host("ash").check(["ls", inHosts])).split("\n");
    assert.ok(kept.includes(`${lab.name("web-0")}-data.qcow2`) && !kept.some((name) => name.startsWith(lab.name("web-2"))), kept.join(", "));
    assert.ok(!(await lab.host("cedar").virsh(["list", "--all", "--name"])).includes(lab.name("web-2")));
    // A pool that holds data is not destroyed.
    await lab.host("ash").check(["sh", "-c", `rm ${inHosts}/${lab.name("web-0")}-data.qcow2*`]);
  });
});
