import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told } from "../support/pulumi.js";

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

interface Edit {
  readonly hosts: readonly string[];
  readonly timeoutSeconds?: number;
  readonly size?: string;
  readonly title?: string;
}

const vm = (): string => lab.name("vm");

/** A guest without an operating system, with a disk of its own and one with a life of its own, in a shared pool. */
async function write({ hosts, timeoutSeconds = 15, size = "8 MiB", title = "first" }: Edit): Promise<void> {
  const { inHosts } = await lab.sharedFolder();
  await project.write(`import { Disk, Host, Network, StoragePool, VirtualMachine } from "drover";
const hosts = ${JSON.stringify(hosts)}.map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, connectTimeoutSeconds: ${timeoutSeconds} }));
const pool = new StoragePool("disks", { hosts, name: "${lab.name("disks")}", path: "${inHosts}", shared: true });
const lan = new Network("lan", { hosts, name: "${lab.name("lan")}", forward: "bridge", bridge: "br0" });
const data = new Disk("data", { pool, size: "${size}" });
new VirtualMachine("${vm()}", { host: hosts[0], memory: "64 MiB", title: "${title}", disks: { data: { disk: data }, own: { pool, size: "4 MiB" } },
  nics: { lan: { network: lan } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
`);
}

async function previewed(edit: Edit): Promise<string[]> {
  await write(edit);
  const run = await project.preview();
  assert.equal(run.code, 0, run.output);
  return told(run);
}

async function done(): Promise<string[]> {
  const run = await project.up();
  assert.equal(run.code, 0, run.output);
  return told(run);
}

/** Names of the hosts that the VM's state names of its disk's pool. */
async function hostsInState(): Promise<string[]> {
  const { outputs } = (await project.state()).find(({ urn }) => urn.endsWith(`::${vm()}`)) ?? {};
  const { own } = outputs?.["disks"] as Record<string, { readonly pool: { readonly hosts: readonly { readonly name: string }[] } }>;
  return own?.pool.hosts.map(({ name }) => name) ?? [];
}

describe("what preview shows is what up does", () => {
  const two = ["ash", "birch"];

  it("of a host and a disk: each of them alone, and nothing that rests on it", async () => {
    await write({ hosts: two });
    await done();
    const hosts = ["update Host ash: connectTimeoutSeconds", "update Host birch: connectTimeoutSeconds"];
    assert.deepEqual(await previewed({ hosts: two, timeoutSeconds: 16 }), hosts);
    const both = await previewed({ hosts: two, timeoutSeconds: 16, size: "16 MiB" });
    assert.deepEqual(both, ["update Disk data: size", ...hosts]);
    assert.deepEqual(await done(), both);
    assert.match(await lab.host("ash").virsh(["domblkinfo", vm(), `${(await lab.sharedFolder()).inHosts}/data.qcow2`]), /Capacity:\s+16777216/);
  });

  it("of a host that joins a shared pool: its own parts, and no disk or VM that rests on the pool", async () => {
    const three = { hosts: [...two, "cedar"], timeoutSeconds: 16, size: "16 MiB" };
    const joined = await previewed(three);
    assert.deepEqual(joined, ["create Host cedar", "create HostNetwork lan-cedar", "create HostStoragePool disks-cedar"]);
    assert.deepEqual(await done(), joined);
    assert.deepEqual(await hostsInState(), two);
  });

  it("and a guest that somebody moved to that host is found there all the same; its next update names the host in the state", async () => {
    const [ash, cedar] = [lab.host("ash"), lab.host("cedar")];
    const xml = await ash.virsh(["dumpxml", "--inactive", vm()]);
    await ash.virsh(["destroy", vm()]);
    await ash.virsh(["undefine", vm()]);
    await cedar.virsh(["define", "/dev/stdin"], xml);
    await cedar.virsh(["start", vm()]);
    const refreshed = await project.refresh();
    assert.equal(refreshed.code, 0, refreshed.output);
    assert.equal((await project.state()).find(({ urn }) => urn.endsWith(`::${vm()}`))?.outputs?.["runsOn"], "cedar");
    await write({ hosts: [...two, "cedar"], timeoutSeconds: 16, size: "16 MiB", title: "second" });
    assert.deepEqual(await done(), [`update VirtualMachine ${vm()}: disks, title`]);
    assert.deepEqual(await hostsInState(), [...two, "cedar"]);
    assert.match(await cedar.virsh(["domstate", vm()]), /running/);
  });
});
