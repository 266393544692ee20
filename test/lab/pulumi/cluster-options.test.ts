/** What Pulumi's own options do to a cluster (`--target`, `--exclude`, `protect`, `retainOnDelete`), and the CPU that its guests have in common. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const HOSTS = ["ash", "birch", "cedar"];
const lab = new TestLab();
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

interface Edit {
  readonly maintenance?: string;
  /** VMs, each with its declaration beside the usual and its options, as code. */
  readonly vms?: Readonly<Record<string, { readonly more?: string; readonly options?: string }>>;
  readonly hosts?: readonly string[];
  readonly cluster?: string;
}

const TWO = { one: {}, two: {} };

/** Guests without an operating system. */
async function write({ maintenance, vms = TWO, hosts = HOSTS, cluster = "" }: Edit): Promise<void> {
  const { inHosts } = await lab.sharedFolder();
  await project.write(`import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const all = ${JSON.stringify(HOSTS)}.map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, maintenance: name === ${JSON.stringify(maintenance ?? "")} }));
const pool = new StoragePool("disks", { hosts: all, name: "${lab.name("disks")}", path: "${inHosts}", shared: true });
const cluster = new Cluster("prod", { hosts: all.filter(({ logicalName }) => ${JSON.stringify(hosts)}.includes(logicalName)), ${cluster} });
const vm = (name) => ({ cluster, name: \`${lab.name("")}\${name}\`, memory: "64 MiB", disks: { root: { pool, size: "4 MiB" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
${Object.entries(vms).map(([name, { more = "{}", options = "{}" }]) => `new VirtualMachine("${name}", { ...vm("${name}"), ...${more} }, ${options});`).join("\n")}
`);
}

async function fine(run: Promise<Run>): Promise<Run> {
  const made = await run;
  assert.equal(made.code, 0, made.output);
  return made;
}

/** Host and process of each guest: a restart would give it another process. */
async function guests(): Promise<Record<string, { readonly host: string; readonly pid: string }>> {
  const found: Record<string, { host: string; pid: string }> = {};
  for (const host of HOSTS) {
    for (const name of (await lab.host(host).virsh(["list", "--name"])).split("\n").filter((line) => line.startsWith(lab.name("")))) {
      const pid = (await lab.host(host).check(["cat", `/run/libvirt/qemu/${name}.pid`])).trim();
      found[name.slice(lab.name("").length)] = { host, pid };
    }
  }
  return found;
}

const urn = (kind: string, name: string): string => `urn:pulumi:dev::test::${kind === "Placement" ? "drover:index:Cluster$" : ""}pulumi-nodejs:dynamic/drover:${kind}::${name}`;

describe("a cluster under Pulumi's options", () => {
  it("refuses a VM that is new or larger when --target leaves the Placement out, and takes it with the Placement", async () => {
    await write({});
    await fine(project.up());
    const made = await guests();
    assert.deepEqual(Object.keys(made), ["one", "two"]);

    await write({ vms: { one: { more: '{ memory: "96 MiB" }' }, two: {}, three: {} } });
    const larger = await project.preview("--target", urn("VirtualMachine", "one"));
    assert.notEqual(larger.code, 0, larger.output);
    assert.match(larger.output, /memory: is 96 MiB, but cluster prod placed the VM with 64 MiB: .*or the Placement was left out of this run/);
    const added = await project.up("--target", urn("VirtualMachine", "three"));
    assert.notEqual(added.code, 0, added.output);
    assert.match(added.output, /cluster prod has placed no such VM: its Placement was left out of this run by --target or --exclude/);
    assert.deepEqual(await guests(), made);

    const both = await fine(project.up("--target", urn("VirtualMachine", "one"), "--target", urn("Placement", "prod")));
    assert.deepEqual(told(both), ["update Placement prod: assignments, plan, vms", "update VirtualMachine one: memory, planned"]);
    assert.deepEqual(await guests(), made);
  });

  it("moves nothing when the Placement is excluded, and everything when VMs are", async () => {
    const before = await guests();
    const { host } = before["one"] ?? { host: "" };
    await write({ maintenance: host, vms: { one: { more: '{ memory: "96 MiB" }' }, two: {} } });
    const without = await fine(project.up("--exclude", urn("Placement", "prod")));
    assert.ok(without.changes.every(({ kind }) => kind === "Host"), JSON.stringify(told(without)));
    assert.deepEqual(await guests(), before);

    await fine(project.up("--exclude", urn("VirtualMachine", "one"), "--exclude", urn("VirtualMachine", "two")));
    const moved = await guests();
    assert.ok(moved["one"] !== undefined && moved["one"].host !== host && moved["two"]?.host !== host, JSON.stringify(moved));
    await fine(project.up());
    assert.deepEqual(await guests(), moved);
  });

  it("moves what is protected, keeps its guest when it leaves the program, and lets go of what is to be retained", async () => {
    const kept = { one: { more: '{ memory: "96 MiB" }', options: "{ protect: true }" }, two: { options: "{ retainOnDelete: true }" } };
    const before = await guests();
    const host = before["one"]?.host;
    await write({ vms: kept, ...(host === undefined ? {} : { maintenance: host }) });
    await fine(project.up());
    const moved = await guests();
    assert.ok(moved["one"] !== undefined && moved["one"].host !== host, JSON.stringify(moved));

    await write({ vms: {} });
    const refused = await project.preview();
    assert.notEqual(refused.code, 0, refused.output);
    assert.match(refused.output, /one[^]*protect/);
    await write({ vms: { one: kept.one } });
    await fine(project.up());
    assert.deepEqual(await guests(), moved);

    // A guest that nobody has is load, and stays; what was retained is found again.
    const at = moved["two"]?.host ?? "";
    await write({ vms: { one: kept.one }, maintenance: at });
    const emptied = await fine(project.preview());
    assert.match(emptied.output, new RegExp(`${at} is not empty afterwards: [^\\n]*${lab.name("two")}`));
    await write({ vms: { one: { more: kept.one.more }, two: {} } });
    await fine(project.up());
    assert.deepEqual(await guests(), moved);
  });
});

describe("the CPU of a cluster", () => {
  const common = { vms: { one: { more: '{ memory: "96 MiB", cpu: "cluster" }' } } };
  const placement = ({ steps }: Run): Readonly<Record<string, unknown>> => steps.find(({ kind }) => kind === "Placement")?.inputs ?? {};
  let cpu: unknown;

  it("is chosen once, and a host that joins changes no guest", async () => {
    await write({ ...common, hosts: ["ash", "birch"] });
    const made = await fine(project.up());
    ({ cpu } = placement(made));
    assert.match(String(cpu), /^[A-Za-z0-9_-]+(,[+-][a-z0-9_.-]+)*$/);
    const before = await guests();
    await write(common);
    const joined = await fine(project.up());
    assert.deepEqual(told(joined), ["update Placement prod: hosts"]);
    assert.equal(placement(joined)["cpu"], cpu);
    assert.deepEqual(await guests(), before);
  });

  it("of a VM's own that no host can give is refused in preview, by its name", async () => {
    await write({ vms: { ...common.vms, late: { more: '{ cpu: "Icelake-Server" }' } } });
    const refused = await project.preview();
    assert.notEqual(refused.code, 0, refused.output);
    assert.match(refused.output, /could not place the VMs of cluster prod[^]*late needs the CPU Icelake-Server/);
    await write({ vms: { ...common.vms, late: { more: '{ machine: "pc-q35-99.0" }' } } });
    assert.match((await project.preview()).output, /late needs machine type pc-q35-99\.0/);
    await write(common);
  });

  it("refuses a host that lowers it until the program says so, and touches no guest then", async () => {
    // Two machines of different make can not be had in the lab: the state has a CPU that no host of it gives.
    const file = join(project.folder, "state.json");
    const { deployment, ...rest } = JSON.parse(await project.command(["stack", "export"])) as { deployment: { resources: { type: string; inputs?: { baseline?: { expanded: string[] } }; outputs?: { baseline?: { expanded: string[] } } }[] } };
    for (const { type, inputs, outputs } of deployment.resources) {
      if (type.endsWith("Placement")) [inputs, outputs].forEach((part) => part?.baseline?.expanded.push("zzz-of-another-make"));
    }
    await writeFile(file, JSON.stringify({ ...rest, deployment }));
    await project.command(["stack", "import", "--file", file]);
    const before = await guests();
    const refused = await project.preview();
    assert.notEqual(refused.code, 0, refused.output);
    assert.match(refused.output, /could not use the CPU of cluster prod [^]*ash lacks zzz-of-another-make; birch lacks zzz-of-another-make[^]*cpuBaseline: "lower"/);
    await write({ ...common, cluster: 'cpuBaseline: "lower"' });
    const lowered = await fine(project.up());
    assert.equal(placement(lowered)["cpu"], cpu);
    assert.deepEqual(await guests(), before);
  });
});
