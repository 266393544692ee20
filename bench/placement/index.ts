import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../lab/model.js";
import { parseBytes } from "../../provider/base/bytes.js";
import { silentLog } from "../../provider/base/log.js";
import type { Context } from "../../provider/engine/handler.js";
import { closeHosts } from "../../provider/inventory/hosts.js";
import { handler } from "../../provider/kinds/placement.js";
import { procedures } from "../../provider/libvirt/protocol/procedures.generated.js";
import { XdrReader } from "../../provider/libvirt/xdr.js";
import { parseCapabilities } from "../../provider/xml/index.js";
import type { Assignment, ClusterHost, Member, PlacementInputs } from "../../provider/schema/index.js";
import { PulumiProject } from "../../test/lab/support/pulumi.js";
import { benchLab } from "../lab-host.js";
import { report, summarize, type Bench } from "../report.js";
import type { Simulation } from "./daemons.js";
import { hostName, memoryTimes, vmName, vmsOn, type FleetSize, type Template } from "./fleet.js";
import { firstOf, Recorder, type Recording } from "./recording.js";

const SIZES: readonly FleetSize[] = [{ hosts: 8, vms: 267 }, { hosts: 100, vms: 3_333 }, { hosts: 300, vms: 10_000 }];
const VM = "bench-placement-template";
const MEMORY_MIB = 128;
const GOAL = { of: "ours", relation: "≤", value: 15 } as const;

/** What a preview of a large cluster waits for: all hosts are read, all VMs are planned, the plan is proven and told. */
export const placement: Bench = {
  name: "placement",
  summary: "seconds of Placement's check (what preview waits for) for 8, 100 and 300 hosts with up to 10,000 VMs: simulated daemons that answer with what a host of the lab said",
  async run() {
    const lab = await benchLab();
    Object.assign(process.env, lab.env);
    const folder = await mkdtemp(join(tmpdir(), "drover-bench-placement-"));
    try {
      const recorded = await record(lab, folder);
      for (const size of SIZES) await measure(size, recorded, folder);
    } finally {
      await closeHosts();
      await rm(folder, { recursive: true });
    }
  },
};

interface Recorded {
  readonly recording: Recording;
  readonly template: Template;
  /** Of the cluster with one VM, as Pulumi keeps them. */
  readonly inputs: PlacementInputs;
}

/** Makes a cluster of two hosts with one VM by Pulumi, asks the VM's host as a preview does, and removes it all. */
async function record(lab: Lab, folder: string): Promise<Recorded> {
  const shared = join(lab.directory, "shared", "bench-placement");
  await mkdir(shared, { recursive: true });
  const project = await PulumiProject.create({ program: program(lab), project: "placement", environment: { ...lab.env } });
  try {
    const { code, output } = await project.up();
    if (code !== 0) throw new Error(output);
    const inputs = (await project.state()).find(({ type }) => type.endsWith(":Placement"))?.inputs as PlacementInputs | undefined;
    const place = inputs?.assignments?.[VM];
    const own = inputs?.hosts.find(({ host }) => host.name === place?.name);
    const host = lab.hosts.find(({ name }) => name === place?.name);
    if (inputs === undefined || own === undefined || host === undefined) throw new Error(`the VM is on none of the lab's hosts: ${JSON.stringify(place)}`);
    const socket = join(folder, "recorder");
    const recorder = await Recorder.start(new URL(host.unixUri).searchParams.get("socket") ?? "", socket);
    await check({ ...inputs, hosts: [at(own, own.host.name, socket)] }, inputs);
    await closeHosts();
    const recording = await recorder.stop();
    return { recording, inputs, template: templateOf(recording) };
  } finally {
    await project.remove();
    await rm(shared, { recursive: true });
  }
}

function program(lab: Lab): string {
  return `import { Cluster, Host, Image, StoragePool, VirtualMachine } from "drover";
const hosts = ["ash", "birch"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\` }));
const pool = new StoragePool("bench-placement", { hosts, path: ${JSON.stringify(`${lab.sharedPath}/bench-placement`)}, shared: true });
const image = new Image("bench-placement", { pool, source: ${JSON.stringify(lab.images.tiny)} });
const cluster = new Cluster("fleet", { hosts });
new VirtualMachine("${VM}", { cluster, memory: "${MEMORY_MIB} MiB", disks: { root: { image } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
`;
}

function templateOf(recording: Recording): Template {
  const answer = (procedure: Parameters<typeof firstOf>[1]): XdrReader => new XdrReader(Buffer.from(firstOf(recording, procedure)?.answers[0]?.payload ?? "", "base64"));
  const { capabilities } = procedures.connectGetCapabilities.ret.decode(answer(procedures.connectGetCapabilities));
  const { domains } = procedures.connectListAllDomains.ret.decode(answer(procedures.connectListAllDomains));
  const dom = domains.find(({ name }) => name === VM);
  if (dom === undefined) throw new Error(`the daemon said nothing of ${VM}`);
  return { vm: dom.name, vmUuid: dom.uuid, hostUuid: parseCapabilities(capabilities).uuid, memoryMib: MEMORY_MIB };
}

async function measure(size: FleetSize, recorded: Recorded, folder: string): Promise<void> {
  const daemons = await simulate({ recording: recorded.recording, template: recorded.template, size, folder });
  try {
    const inputs = fleetOf(size, recorded, folder);
    const tell = (figure: string, { seconds, cpuSeconds, moves }: Checked): void => {
      report({ bench: "placement", figure: `${size.hosts} hosts, ${size.vms} VMs: ${figure}`, unit: "s", ours: seconds, peer: null, peerName: null, goal: GOAL,
        details: { moves, cpuSeconds: Number(cpuSeconds.toFixed(2)), residentMb: Math.round(process.memoryUsage.rss() / 1e6) } });
    };
    const first = await check(inputs, inputs);
    tell("nothing to do, new connections", first);
    const again = await check(inputs, inputs);
    tell("nothing to do, again", again);
    const [emptied, ...others] = inputs.hosts;
    const drained = await check({ ...inputs, hosts: emptied === undefined ? [] : [{ ...emptied, maintenance: true }, ...others] }, inputs);
    tell("a host in maintenance", drained);
    if (first.moves + first.starts > 0 || drained.moves < vmsOn(size, 0).length) {
      throw new Error(`the fleet is not as it was meant: ${first.moves} moves and ${first.starts} starts where nothing is to do, ${drained.moves} moves from a host of ${vmsOn(size, 0).length}`);
    }
    summarize(`placement: ${size.hosts} hosts with ${size.vms} VMs are read and planned in ${first.seconds.toFixed(2)} s, with a host to be emptied in ${drained.seconds.toFixed(2)} s`);
  } finally {
    await closeHosts();
    daemons.disconnect();
    await once(daemons, "exit");
    for (let host = 0; host < size.hosts; host += 1) await rm(join(folder, hostName(host)), { force: true });
  }
}

async function simulate(simulation: Simulation): Promise<ChildProcess> {
  const path = join(simulation.folder, "simulation.json");
  await writeFile(path, JSON.stringify(simulation));
  const child = fork(new URL("./daemons.js", import.meta.url), [path]);
  await once(child, "message");
  return child;
}

function fleetOf(size: FleetSize, { inputs, template }: Recorded, folder: string): PlacementInputs {
  const [host] = inputs.hosts;
  const [member] = Object.values(inputs.vms);
  const [place] = Object.values(inputs.assignments ?? {});
  if (host === undefined || member === undefined || place === undefined) throw new Error("there is no cluster to make more of");
  const hosts = Array.from({ length: size.hosts }, (_, index) => at(host, hostName(index), join(folder, hostName(index))));
  const vms: Record<string, Member> = {};
  const assignments: Record<string, Assignment> = {};
  for (const [index, { host: { name, uri } }] of hosts.entries()) {
    for (const vm of vmsOn(size, index)) {
      const memory = `${parseBytes(member.memory) / 1024 ** 2 * memoryTimes(vm)} MiB`;
      vms[vmName(vm)] = { ...member, key: member.key.replaceAll(template.vm, vmName(vm)), memory };
      assignments[vmName(vm)] = { ...place, name, uri, memory };
    }
  }
  return { ...inputs, hosts, vms, assignments, overcommit: { vcpus: 100, memory: 1 } };
}

/** A host of another name behind a socket. */
function at(declared: ClusterHost, name: string, socket: string): ClusterHost {
  const { ssh: _, ...host } = declared.host;
  return { ...declared, host: { ...host, name, uri: `qemu+unix:///system?socket=${socket}` } };
}

interface Checked {
  readonly seconds: number;
  /** Of this process: the daemons' is not in it. */
  readonly cpuSeconds: number;
  readonly moves: number;
  readonly starts: number;
}

/** As a preview does it. */
async function check(inputs: PlacementInputs, olds: PlacementInputs): Promise<Checked> {
  const ctx: Context = { log: silentLog, signal: new AbortController().signal };
  const { plan: _, ...declared } = inputs;
  const startMs = performance.now();
  const before = process.cpuUsage();
  const checked = await handler.check?.(ctx, { olds, news: { ...declared, dryRun: true }, name: inputs.cluster });
  const { user, system } = process.cpuUsage(before);
  const plan = checked?.inputs.plan;
  if (plan === undefined) throw new Error("the check made no plan");
  return { seconds: (performance.now() - startMs) / 1000, cpuSeconds: (user + system) / 1e6, moves: plan.moves.length, starts: Object.keys(plan.starts).length };
}
