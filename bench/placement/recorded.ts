import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "../../lab/model.js";
import { silentLog } from "../../provider/base/log.js";
import type { Context } from "../../provider/engine/handler.js";
import { closeHosts } from "../../provider/inventory/hosts.js";
import { handler } from "../../provider/kinds/placement.js";
import { procedures } from "../../provider/libvirt/protocol/procedures.generated.js";
import { XdrReader } from "../../provider/libvirt/xdr.js";
import { parseCapabilities } from "../../provider/xml/index.js";
import type { ClusterHost, PlacementInputs } from "../../provider/schema/index.js";
import { PulumiProject } from "../../test/lab/support/pulumi.js";
import type { Simulation } from "./daemons.js";
import { hostName, type FleetSize, type Template } from "./fleet.js";
import { firstOf, Recorder, type Recording } from "./recording.js";

/** Names in the program of which the recording is made; hosts are the lab's first two. */
export const RECORDED = { project: "placement", cluster: "fleet", pool: "bench-placement", image: "bench-placement", vm: "bench-placement-template", memoryMib: 128 } as const;

/** A cluster of two hosts with one VM: what a daemon says of it, and what Pulumi keeps of it. */
export interface Recorded {
  readonly recording: Recording;
  readonly template: Template;
  /** Of the cluster with one VM, as Pulumi keeps them. */
  readonly inputs: PlacementInputs;
  /** All of Pulumi's state, as `pulumi stack export` writes it. */
  readonly state: string;
}

/** Makes a cluster of two hosts with one VM by Pulumi, asks the VM's host as a preview does, and removes it all. */
export async function record(lab: Lab, folder: string): Promise<Recorded> {
  const shared = join(lab.directory, "shared", RECORDED.pool);
  await mkdir(shared, { recursive: true });
  const project = await PulumiProject.create({ program: program(lab), project: RECORDED.project, environment: { ...lab.env } });
  try {
    const { code, output } = await project.up();
    if (code !== 0) throw new Error(output);
    const inputs = (await project.state()).find(({ type }) => type.endsWith(":Placement"))?.inputs as PlacementInputs | undefined;
    const place = inputs?.assignments?.[RECORDED.vm];
    const own = inputs?.hosts.find(({ host }) => host.name === place?.name);
    const host = lab.hosts.find(({ name }) => name === place?.name);
    if (inputs === undefined || own === undefined || host === undefined) throw new Error(`the VM is on none of the lab's hosts: ${JSON.stringify(place)}`);
    const socket = join(folder, "recorder");
    const recorder = await Recorder.start(new URL(host.unixUri).searchParams.get("socket") ?? "", socket);
    await checkPlacement({ ...inputs, hosts: [at(own, own.host.name, socket)] }, inputs);
    await closeHosts();
    const recording = await recorder.stop();
    return { recording, inputs, template: templateOf(recording), state: await project.command(["stack", "export"]) };
  } finally {
    await project.remove();
    await rm(shared, { recursive: true });
  }
}

function program(lab: Lab): string {
  return `import { Cluster, Host, Image, StoragePool, VirtualMachine } from "drover";
const hosts = ["ash", "birch"].map((name) => new Host(name, { uri: \`qemu+ssh://root@\${name}/system\` }));
const pool = new StoragePool("${RECORDED.pool}", { hosts, path: ${JSON.stringify(`${lab.sharedPath}/${RECORDED.pool}`)}, shared: true });
const image = new Image("${RECORDED.image}", { pool, source: ${JSON.stringify(lab.images.tiny)} });
const cluster = new Cluster("${RECORDED.cluster}", { hosts });
new VirtualMachine("${RECORDED.vm}", { cluster, memory: "${RECORDED.memoryMib} MiB", disks: { root: { image } }, nics: { lan: { bridge: "br0" } }, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } });
`;
}

function templateOf(recording: Recording): Template {
  const answer = (procedure: Parameters<typeof firstOf>[1]): XdrReader => new XdrReader(Buffer.from(firstOf(recording, procedure)?.answers[0]?.payload ?? "", "base64"));
  const { capabilities } = procedures.connectGetCapabilities.ret.decode(answer(procedures.connectGetCapabilities));
  const { domains } = procedures.connectListAllDomains.ret.decode(answer(procedures.connectListAllDomains));
  const dom = domains.find(({ name }) => name === RECORDED.vm);
  if (dom === undefined) throw new Error(`the daemon said nothing of ${RECORDED.vm}`);
  return { vm: dom.name, vmUuid: dom.uuid, hostUuid: parseCapabilities(capabilities).uuid, memoryMib: RECORDED.memoryMib };
}

/** What a check came to. */
export interface Checked {
  readonly seconds: number;
  /** Of this process: the daemons' is not in it. */
  readonly cpuSeconds: number;
  readonly moves: number;
  readonly starts: number;
}

/** Placement's check, as a preview does it. */
export async function checkPlacement(inputs: PlacementInputs, olds: PlacementInputs): Promise<Checked> {
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

/** Runs `task` while simulated daemons answer, a process of their own with one socket in `folder` for each host. */
export async function whileSimulated(size: FleetSize, { recording, template }: Recorded, folder: string, task: () => Promise<void>): Promise<void> {
  const simulation: Simulation = { recording, template, size, folder };
  const path = join(folder, "simulation.json");
  await writeFile(path, JSON.stringify(simulation));
  const daemons: ChildProcess = fork(new URL("./daemons.js", import.meta.url), [path]);
  await once(daemons, "message");
  try {
    await task();
  } finally {
    await closeHosts();
    daemons.disconnect();
    await once(daemons, "exit");
    for (let host = 0; host < size.hosts; host += 1) await rm(join(folder, hostName(host)), { force: true });
  }
}

/** A host of another name behind a socket. */
export function at(declared: ClusterHost, name: string, socket: string): ClusterHost {
  const { ssh: _, ...host } = declared.host;
  return { ...declared, host: { ...host, name, uri: `qemu+unix:///system?socket=${socket}` } };
}
