/** `drover status`, `evacuate` and `balance` on a stack, and what happens when two of them, or of `pulumi up`, meet. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { copies, definitions, movesOf, places } from "../support/guests.js";
import { eventually, TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const lab = new TestLab();
const PREFIX = "vm-";
const NAMES = ["0", "1", "2", "3", "4", "5"];
let project: PulumiProject;

before(async () => {
  // Of its own: a policy that balances counts all guests.
  await lab.start({ own: true, hosts: 3 });
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

interface Edit {
  /** What the program says of ash. Default: nothing. */
  readonly maintenance?: boolean;
}

async function write({ maintenance }: Edit): Promise<void> {
  await project.write(`import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const hosts = ["ash", "birch", "cedar"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`${maintenance === undefined ? "" : `, ...(name === "ash" ? { maintenance: ${String(maintenance)} } : {})`} }));
const pool = new StoragePool("disks", { hosts, path: "${lab.lab.sharedPath}", shared: true });
const prod = new Cluster("prod", { hosts, policy: "vm_evenly_distributed", policyParameters: { HighVmCount: 2, MigrationThreshold: 1 } });
const web = ${JSON.stringify(NAMES)}.map((name) => new VirtualMachine("web-" + name, {
  cluster: prod, name: "${PREFIX}" + name, memory: "64 MiB", disks: { root: { pool, size: "4 MiB" } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
}));
prod.rule("at-home", { kind: "fence", vms: web, hosts: ["ash", "birch", "cedar"] });
`);
}

async function well<T extends { readonly code: number; readonly output: string }>(run: Promise<T>): Promise<T> {
  const ended = await run;
  assert.equal(ended.code, 0, ended.output);
  return ended;
}

/** How many guests each host has. */
async function counts(): Promise<Record<string, number>> {
  const found: Record<string, number> = { ash: 0, birch: 0, cedar: 0 };
  for (const host of Object.values(await places(lab, PREFIX))) found[host] = (found[host] ?? 0) + 1;
  return found;
}

/** Each VM runs once, is defined there and nowhere else. */
async function isWhole(): Promise<void> {
  const now = await places(lab, PREFIX);
  assert.deepEqual(Object.keys(now), NAMES);
  for (const host of ["ash", "birch", "cedar"]) assert.deepEqual(await definitions(lab, host, PREFIX), NAMES.filter((name) => now[name] === host), `definitions on ${host}`);
}

describe("the drover command", () => {
  before(async () => {
    await write({});
    await well(project.up());
  });

  it("status shows hosts, VMs and what is spare, as text and as data", async () => {
    assert.deepEqual(await counts(), { ash: 2, birch: 2, cedar: 2 });
    const { output } = await well(project.drover("status"));
    for (const host of ["ash", "birch", "cedar"]) assert.match(output, new RegExp(`│ ${host} +│ up +│ 2 +│ 2 +│ 128 MiB`));
    for (const [name, host] of Object.entries(await places(lab, PREFIX))) assert.match(output, new RegExp(`│ web-${name} +│ ${host} +│ running`));
    assert.match(output, /│ at-home +│ fence +│ hard/);
    assert.match(output, /spare/);
    assert.match(output, /loss of any one host: every VM has a place on the others/);
    const data = JSON.parse((await well(project.drover("status", "--json"))).output) as { readonly cluster: string; readonly hosts: readonly { readonly name: string; readonly state: string }[]; readonly plan: { readonly moves: unknown[] }; readonly headroom: unknown };
    assert.deepEqual([data.cluster, data.hosts.map(({ name, state }) => `${name} ${state}`), data.plan.moves], ["prod", ["ash up", "birch up", "cedar up"], []]);
    assert.deepEqual(data.headroom, [{ of: "host", looked: 3, possible: 3, survived: 3, unsurvived: [] }]);
    const none = await project.drover("status", "--cluster", "other");
    assert.notEqual(none.code, 0);
    assert.match(none.output, /its clusters are prod/);
  });

  it("evacuate shows what it would move, moves it with --yes, and the next up honours its mark", async () => {
    const before = await places(lab, PREFIX);
    const dry = await well(project.drover("evacuate", "ash"));
    assert.match(dry.output, /2 live migrations[^]*move web-\d +ash +→[^]*nothing was changed; --yes carries it out/);
    assert.deepEqual(await places(lab, PREFIX), before);
    const unknown = await project.drover("evacuate", "oak", "--yes");
    assert.notEqual(unknown.code, 0);
    await well(project.drover("evacuate", "ash", "--yes"));
    assert.deepEqual(await counts(), { ash: 0, birch: 3, cedar: 3 });
    await isWhole();
    assert.match((await well(project.drover("status"))).output, /│ ash +│ maintenance/);
    const now = await places(lab, PREFIX);
    const shown = await well(project.preview());
    assert.deepEqual(movesOf(shown), []);
    await well(project.up());
    assert.deepEqual(await places(lab, PREFIX), now, "nothing comes back to an evacuated host");
    // As the example does, which says of each host whether it is in maintenance.
    await write({ maintenance: false });
    await well(project.up());
    assert.match((await well(project.drover("status"))).output, /│ ash +│ maintenance/, "a program that says false, and said nothing else before, takes nothing back");
    await well(project.drover("balance", "--yes"));
    assert.deepEqual(await places(lab, PREFIX), now);
    assert.deepEqual(told(await well(project.preview())), []);
  });

  it("evacuate --undo lets VMs come back, and balance moves them, with --yes", async () => {
    const before = await places(lab, PREFIX);
    assert.match((await well(project.drover("evacuate", "ash", "--undo"))).output, /ash takes VMs again/);
    await well(project.up());
    assert.deepEqual(await places(lab, PREFIX), before, "up balances nothing by itself");
    const dry = await well(project.drover("balance"));
    assert.match(dry.output, /live migration[^]*→ ash[^]*nothing was changed; --yes carries it out/);
    assert.deepEqual(await places(lab, PREFIX), before);
    await well(project.drover("balance", "--yes"));
    assert.deepEqual(await counts(), { ash: 2, birch: 2, cedar: 2 });
    await isWhole();
    const quiet: Run = await well(project.preview("--refresh"));
    assert.deepEqual(movesOf(quiet), []);
  });
});

describe("two at the same moment", () => {
  it("pulumi up and drover evacuate move each VM once, and the one that was late says why", async () => {
    await write({ maintenance: true });
    const up = await project.start("up", ["--yes", "--skip-preview"]);
    await eventually("a plan", () => Promise.resolve(up.output.includes("live migration") || up.output.includes("moving ") ? true : undefined), 120_000);
    const evacuate = await project.drover("evacuate", "ash", "--yes");
    const ended = await up.ended;
    for (const [name, hosts] of Object.entries(await copies(lab, PREFIX))) assert.equal(hosts.length, 1, `${name} runs on ${hosts.join(" and ")}`);
    assert.ok([ended, evacuate].some(({ code }) => code === 0) || /moves of cluster prod/.test(ended.output), `${ended.output}\n${evacuate.output}`);
    for (const { code, output } of [ended, evacuate]) if (code !== 0) assert.match(output, /could not [^\n]*(move|moves|place)[^]*next: /);
    await well(project.up());
    await well(project.drover("evacuate", "ash", "--undo"));
    await isWhole();
    assert.equal((await counts())["ash"], 0);
  });

  it("drover evacuate of two hosts at once leaves every VM running once, and the next up makes it whole", async () => {
    await write({});
    await well(project.up());
    await well(project.drover("balance", "--yes"));
    assert.deepEqual(await counts(), { ash: 2, birch: 2, cedar: 2 });
    const hosts = ["ash", "ash", "birch"];
    const all = await Promise.all(hosts.map((host) => project.drover("evacuate", host, "--yes")));
    const now = await counts();
    for (const [index, { code, output }] of all.entries()) {
      if (code === 0) assert.equal(now[hosts[index] ?? ""], 0, `${hosts[index]} was said to be empty\n${all.map((each) => each.output).join("\n")}`);
      else assert.match(output, /could not [^\n]*(move|moves|place)[^]*next: /);
    }
    assert.deepEqual(Object.keys(await places(lab, PREFIX)), NAMES);
    const run = await well(project.up());
    await isWhole();
    assert.deepEqual(told(await well(project.preview("--refresh"))), [], run.output);
  });

  it("two pulumi ups: the second is refused by the stack's lock, and names it", async () => {
    await well(project.drover("evacuate", "ash", "--undo"));
    await well(project.drover("evacuate", "birch", "--undo"));
    await write({ maintenance: true });
    const first = await project.start("up", ["--yes", "--skip-preview"]);
    await eventually("its begin", () => Promise.resolve(first.output.includes("Updating") ? true : undefined), 60_000);
    const second = await project.up();
    assert.notEqual(second.code, 0);
    assert.match(second.output, /locked/);
    await well(first.ended);
    await isWhole();
  });
});
