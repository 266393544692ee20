/**
 * What makes a cluster's guests move, through the real `pulumi`: rules, more memory, a policy. Its lab is its own, for other files'
 * guests would take room on the hosts.
 */
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../../../lab/place.js";
import { BOOT_MS } from "../support/guest.js";
import { guestFacts, TestLab } from "../support/lab.js";
import { PulumiProject, told, type Run } from "../support/pulumi.js";

const HOSTS = ["ash", "birch", "cedar"];
/** What each host has for guests. */
const ROOM_MIB = 600;

const lab = new TestLab();
let project: PulumiProject;
let calls: string;
let reserve: string;

before(async () => {
  await lab.start({ own: true });
  const memoryKiB = Number(/Memory size:\s+(\d+)/.exec(await lab.host("ash").virsh(["nodeinfo"]))?.[1]);
  reserve = `${Math.floor(memoryKiB / 1024) - ROOM_MIB} MiB`;
  calls = join(lab.lab.directory, "calls");
  const recorder = pathToFileURL(join(packageRoot(), "dist/test/support/record-calls.js")).href;
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env, NODE_OPTIONS: `--import ${recorder}`, DROVER_TEST_CALLS: calls } });
});
after(async () => {
  await project.remove();
  await lab.stop();
});

interface Edit {
  /** Hosts that `web-0` to `web-2` are pinned to. */
  readonly pins?: readonly (string | undefined)[];
  readonly label?: string;
  readonly cluster?: string;
  readonly rule?: string;
  /** Memory of `web-0`, the only guest with an operating system. */
  readonly memory?: string;
}

async function write({ pins = [], label = "web", cluster = "", rule, memory = "128 MiB" }: Edit): Promise<void> {
  const { inHosts } = await lab.sharedFolder();
  await project.write(`import { Cluster, Host, Image, StoragePool, VirtualMachine } from "drover";
const hosts = ${JSON.stringify(HOSTS)}.map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\`, reserve: { memory: "${reserve}" } }));
const pool = new StoragePool("disks", { hosts, path: "${inHosts}", shared: true });
const image = new Image("tiny", { pool, source: ${JSON.stringify(lab.lab.images.tiny)} });
const cluster = new Cluster("prod", { hosts, ${cluster} });
const pins = ${JSON.stringify(pins.map((pin) => pin ?? ""))};
const vm = (index, more) => new VirtualMachine(\`web-\${index}\`, { cluster, memory: "128 MiB", labels: { app: "${label}" }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
  ...(pins[index] ? { pin: pins[index] } : {}), ...more });
const web = [
  vm(0, { memory: "${memory}", disks: { root: { image } }, nics: { lan: { bridge: "br0" } }, waitForIp: {} }),
  ...[1, 2].map((index) => vm(index, { disks: { root: { pool, size: "4 MiB" } } })),
];
${rule === undefined ? "" : `cluster.rule("apart", ${rule});`}
export const address = web[0].ipAddress;
`);
}

async function fine(run: Promise<Run>): Promise<Run> {
  const made = await run;
  assert.equal(made.code, 0, made.output);
  return made;
}

/** Each move that a run shows, as `web-0: ash → birch`. */
function moves({ steps, output }: Run): string[] {
  const placement = steps.find(({ kind }) => kind === "Placement");
  const { moves: all } = placement?.inputs["plan"] as { readonly moves: readonly { readonly vm: string; readonly from: string; readonly to: string; readonly reason: string }[] };
  for (const { vm, from, to, reason } of all) assert.match(output, new RegExp(`move ${vm} +${from} +→ ${to} .*${reason.slice(0, 10)}`), "it is shown in the terminal too");
  return all.map(({ vm, from, to }) => `${vm}: ${from} → ${to}`);
}

async function places(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const host of HOSTS) {
    for (const name of (await lab.host(host).virsh(["list", "--name"])).split("\n").filter((line) => line !== "")) found[name] = host;
  }
  return found;
}

/** What a run moved, of where the guests were and are. */
function moved(before: Record<string, string>, now: Record<string, string>): string[] {
  return Object.keys(now).filter((name) => before[name] !== now[name]).map((name) => `${name}: ${before[name] ?? "nowhere"} → ${now[name] ?? "nowhere"}`);
}

describe("the guests of a cluster", () => {
  const together = ["ash", "ash", "ash"];
  const even = 'policy: "vm_evenly_distributed", policyParameters: { HighVmCount: 1, MigrationThreshold: 1 }';
  const rule = '{ kind: "separate", vms: web.slice(0, 2) }';
  let address: string;
  let boot: string;

  /** An update after its preview: the moves that were shown are made, and no others, and no guest is started anew. */
  async function shownAndDone(edit: Edit): Promise<string[]> {
    await write(edit);
    const before = await places();
    const shown = moves(await fine(project.run("up", ["--yes"])));
    await assertMoved(before, shown);
    return shown;
  }

  async function assertMoved(before: Record<string, string>, shown: readonly string[]): Promise<void> {
    assert.deepEqual(moved(before, await places()).sort(), shown.toSorted());
    assert.equal((await guestFacts(address, BOOT_MS)).bootId, boot);
  }

  it("stay when a label, a pin or the policy is edited", async () => {
    await write({ pins: together });
    await fine(project.up());
    address = String((await project.outputs())["address"]);
    boot = (await guestFacts(address, BOOT_MS)).bootId;
    assert.deepEqual(Object.values(await places()), together);
    await write({ label: "shop", cluster: even });
    assert.deepEqual(moves(await fine(project.preview())), []);
  });

  it("move for a rule that is added while they run", async () => {
    const shown = await shownAndDone({ rule });
    assert.equal(shown.length, 1, shown.join());
    assert.match(String(shown[0]), /^web-[01]: ash → (birch|cedar)$/);
  });

  it("are rebalanced when the program says so; its preview calls nothing that writes, and a second run is quiet", async () => {
    await write({ rule, cluster: `${even}, rebalance: true` });
    const before = await places();
    await rm(calls);
    const shown = moves(await fine(project.preview()));
    assert.equal(shown.length, 1, shown.join());
    const made = (await readFile(calls, "utf8")).trim().split("\n");
    assert.ok(made.length > 50, "calls were recorded");
    // A connection is opened, and a pool's marker is read.
    assert.deepEqual([...new Set(made.filter((call) => call.startsWith("writes ")))].sort(), ["writes connectOpen", "writes storageVolDownload"]);

    await fine(project.up());
    await assertMoved(before, shown);
    assert.deepEqual(Object.values(await places()).sort(), HOSTS);
    const quiet = await fine(project.preview());
    assert.deepEqual(told(quiet), [], quiet.output);
  });

  it("move when their host has no room for what they grow to, and grow there while they run", async () => {
    const { "web-0": host = "", "web-1": other = "" } = await places();
    assert.deepEqual(await shownAndDone({ pins: [undefined, host] }), [`web-1: ${other} → ${host}`]);
    assert.deepEqual(await shownAndDone({ pins: [undefined, host], memory: "512 MiB" }), [`web-0: ${host} → ${other}`]);
    const { memoryKiB } = await guestFacts(address, BOOT_MS);
    assert.ok(memoryKiB > 400 * 1024, `${memoryKiB} KiB`);
  });
});
