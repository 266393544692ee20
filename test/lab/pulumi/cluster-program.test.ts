/** Clusters as larger programs have them: hosts of another stack, several clusters, components, aliases, transforms, through the real `pulumi`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const HOSTS = ["ash", "birch", "cedar"];
const lab = new TestLab();
let site: PulumiProject;
let dev: PulumiProject;
let staging: PulumiProject;

before(async () => {
  // What others place on the common hosts would count here.
  await lab.start({ own: true });
  // How to log in says the site alone.
  const configFile = lab.lab.ssh.config;
  const environment = { ...lab.lab.env, DROVER_SSH_CONFIG: "/dev/null" };
  const { inHosts } = await lab.sharedFolder();
  site = await PulumiProject.create({ project: "site", environment, program: `import { Host, StoragePool } from "drover";
const made = ${JSON.stringify(HOSTS)}.map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, ssh: { configFile: ${JSON.stringify(configFile)} } }));
export const hosts = made.map(({ ref }) => ref);
export const disks = new StoragePool("disks", { hosts: made, name: "${lab.name("disks")}", path: "${inHosts}", shared: true }).ref;
` });
  const run = await site.up();
  assert.equal(run.code, 0, run.output);
  const shared = { project: "shop", program: "", environment: { ...environment, PULUMI_BACKEND_URL: `file://${join(site.folder, "state")}` } };
  dev = await PulumiProject.create({ ...shared, stack: "dev" });
  staging = await PulumiProject.create({ ...shared, stack: "staging" });
});
after(async () => {
  await dev.remove();
  await staging.remove();
  await site.remove();
  await lab.stop();
});

interface Edit {
  /** What the component, its VMs and the VM beside it are called. */
  readonly names?: { readonly shop: string; readonly db: string };
  readonly aliases?: boolean;
  /** What a transform of the VMs that are not the cluster's children does with `props`. */
  readonly transform?: string;
}

/** Two clusters that share birch; VMs of a component, of a cluster as their parent, and of nobody. Guests without an operating system. */
function program({ names: { shop, db } = { shop: "shop", db: "db" }, aliases = false, transform }: Edit = {}): string {
  return `import * as pulumi from "@pulumi/pulumi";
import { Cluster, VirtualMachine } from "drover";
const transforms = [({ type, props, opts }) => { if (!type.endsWith("VirtualMachine")) return undefined; ${transform ?? ""}; return { props, opts }; }];
const site = new pulumi.StackReference("organization/site/dev");
const [ash, birch, cedar] = [0, 1, 2].map((index) => site.requireOutput("hosts").apply((hosts) => hosts[index]));
const pool = site.requireOutput("disks");
const vm = (name) => ({ name: \`${lab.name("")}\${pulumi.getStack()}-\${name}\`, memory: "64 MiB", disks: { root: { pool, size: "4 MiB" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
const west = new Cluster("west", { hosts: [ash, birch] });
class Shop extends pulumi.ComponentResource { constructor(name, options) {
  super("test:index:Shop", name, {}, options);
  this.east = new Cluster("east", { hosts: [{ host: birch, labels: { rack: "r1" } }, { host: cedar, labels: { rack: "r2" } }] }, { parent: this });
  this.vms = [0, 1].map((index) => new VirtualMachine(\`web-\${index}\`, { cluster: this.east, ...vm(\`web-\${index}\`), spread: { group: "web", across: "rack" } }, { parent: this }));
} }
const shop = new Shop("${shop}", { transforms${aliases ? ', aliases: [{ name: "shop" }]' : ""} });
const db = new VirtualMachine("${db}", { cluster: west, ...vm("db"), pin: "ash", labels: { tier: "data" } }, { dependsOn: shop.vms, transforms${aliases ? ', aliases: [{ name: "db" }]' : ""} });
const cache = new VirtualMachine("cache", { cluster: west, ...vm("cache") }, { parent: west });
west.rule("apart", { kind: "separate", vms: [cache, db] });
`;
}

async function run(project: PulumiProject, command: "preview" | "up", edit: Edit = {}): Promise<Run> {
  await project.write(program(edit));
  return await project[command]();
}

async function fine(project: PulumiProject, command: "preview" | "up", edit: Edit = {}): Promise<Run> {
  const made = await run(project, command, edit);
  assert.equal(made.code, 0, made.output);
  return made;
}

/** Where each VM of a stack runs, and as which process: a restart or a move would give it another. */
async function guests(stack: string): Promise<Record<string, string>> {
  const prefix = lab.name(`${stack}-`);
  const found: Record<string, string> = {};
  for (const host of HOSTS) {
    for (const name of (await lab.host(host).virsh(["list", "--name"])).split("\n").filter((line) => line.startsWith(prefix))) {
      const pid = await lab.host(host).check(["cat", `/run/libvirt/qemu/${name}.pid`]);
      found[name.slice(prefix.length)] = `${host} ${(await lab.host(host).virsh(["domuuid", name])).trim()} ${pid.trim()}`;
    }
  }
  return found;
}

const hostOf = (guest: string | undefined): string => guest?.split(" ")[0] ?? "nowhere";

function movesOf({ steps }: Run): unknown[] {
  return steps.filter(({ kind }) => kind === "Placement").flatMap(({ inputs }) => (inputs["plan"] as { readonly moves: unknown[] } | undefined)?.moves ?? []);
}

describe("clusters of a larger program", () => {
  const renamed = { names: { shop: "store", db: "database" }, aliases: true };
  let made: Record<string, string>;

  it("take hosts and pools of another stack, two of them in one program, with VMs of components", async () => {
    const shown = await fine(dev, "preview");
    const places = Object.fromEntries(shown.steps.filter(({ kind }) => kind === "VirtualMachine").map(({ name, inputs }) => [name, (inputs["host"] as { readonly name: string }).name]));
    assert.deepEqual(places, { "db": "ash", "cache": "birch", "web-0": places["web-0"], "web-1": places["web-1"] }, shown.output);
    assert.deepEqual([places["web-0"], places["web-1"]].sort(), ["birch", "cedar"]);
    await fine(dev, "up");
    made = await guests("dev");
    assert.deepEqual(Object.fromEntries(Object.entries(made).map(([name, guest]) => [name, hostOf(guest)])), places);
    const quiet = await fine(dev, "preview");
    assert.deepEqual(told(quiet), [], quiet.output);
  });

  it("are another stack's own, whose VMs of the same names on the same hosts are its own", async () => {
    await fine(staging, "up");
    assert.deepEqual(await guests("dev"), made);
    const others = await guests("staging");
    assert.deepEqual(Object.keys(others).sort(), ["cache", "db", "web-0", "web-1"]);
    assert.equal(new Set([...Object.values(made), ...Object.values(others)].map((guest) => guest.split(" ")[1])).size, 8);
    const gone = await staging.destroy();
    assert.equal(gone.code, 0, gone.output);
    assert.deepEqual(await guests("dev"), made);
    // The directory and the marks of dev's clusters stay.
    assert.deepEqual(await clusterMarks(), { ash: ["west"], birch: ["east", "west"], cedar: ["east"] });
  });

  it("move and restart nothing when a VM, and a component with VMs and a cluster, are renamed by aliases", async () => {
    const shown = await fine(dev, "preview", renamed);
    assert.deepEqual(movesOf(shown), []);
    assert.ok(shown.changes.every(({ op }) => op === "update"), JSON.stringify(told(shown)));
    await fine(dev, "up", renamed);
    assert.deepEqual(await guests("dev"), made);
    assert.deepEqual(told(await fine(dev, "preview", renamed)), []);
  });

  it("refuse a transform that changes a VM behind the plan", async () => {
    const refused = await run(dev, "preview", { ...renamed, transform: 'if (props.pin) Object.assign(props, { memory: "128 MiB", pin: "birch", running: false, labels: { tier: "web" }, nics: { lan: { bridge: "br0" } } })' });
    assert.notEqual(refused.code, 0, refused.output);
    for (const [property, own, planned] of [["memory", "128 MiB", "64 MiB"], ["pin", "birch", "ash"], ["running", "false", "true"], ["labels", '{"tier":"web"}', '{"tier":"data"}']] as const) {
      assert.ok(refused.output.includes(`${property}: is ${own}, but cluster west placed the VM with ${planned}: something changed it after the cluster had seen it (a transform?)`), refused.output);
    }
    assert.ok(refused.output.includes("nics: need bridges br0, but cluster west placed the VM with none: something changed them after the cluster had seen them (a transform?)"), refused.output);
    assert.deepEqual(await guests("dev"), made);
  });
});

/** Clusters that are written down on each host. */
async function clusterMarks(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const host of HOSTS) {
    const secrets = (await lab.host(host).virsh(["secret-list"])).split("\n").flatMap((line) => /^\s*([0-9a-f-]{36})\s.*drover-cluster:/.exec(line)?.[1] ?? []);
    const values = await Promise.all(secrets.map(async (secret) => Buffer.from((await lab.host(host).virsh(["secret-get-value", secret])).trim(), "base64").toString()));
    found[host] = values.map((value) => (JSON.parse(value) as { readonly cluster: { readonly name: string } }).cluster.name).sort();
  }
  return found;
}
