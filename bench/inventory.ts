import type { Lab, LabHost } from "../lab/model.js";
import { closeHosts, type HostAddress } from "../provider/inventory/hosts.js";
import { digestOfInventory, readHosts, whatDiffers } from "../provider/inventory/cluster/index.js";
import { HostConnection } from "../provider/libvirt/index.js";
import { createTransport, parseLibvirtUri } from "../provider/transport/index.js";
import { bytes } from "../provider/base/bytes.js";
import { DomainDocument } from "../provider/xml/index.js";
import { benchLab } from "./lab-host.js";
import { report, summarize, type Bench } from "./report.js";

const DOMAINS = 500;
const PREFIX = "bench-inventory-";
const ROUNDS = 5;
const GOAL = { of: "ours", relation: "≤", value: 1 } as const;

/** Seconds to read all hosts of the lab, with 500 defined domains on them in all, as VMs of ours are defined. */
export const inventory: Bench = {
  name: "inventory",
  summary: `seconds to read all hosts of the lab (bring it up with 8) with ${DOMAINS} defined domains in all, by ssh`,
  async run() {
    const lab = await benchLab();
    Object.assign(process.env, lab.env);
    await onEach(lab, (connection, index) => define(connection, index, lab.hosts.length));
    try {
      const addresses = lab.hosts.map((host): HostAddress => ({ name: host.name, uri: host.uri, owner: "bench" }));
      const first = await timed(() => readHosts(addresses));
      const again: { seconds: number; cpuSeconds: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) again.push(await timed(() => readHosts(addresses)));
      const measured = await timed(() => readHosts(addresses, { measure: true }));
      const later = await timed(() => Promise.resolve([digestOfInventory(first.result), whatDiffers(first.result, measured.result)]));
      const median = again.sort((left, right) => left.seconds - right.seconds)[Math.floor(ROUNDS / 2)] ?? first;
      const hosts = first.result.hosts.length;
      const domains = first.result.hosts.reduce((sum, host) => sum + host.domains.length, 0);
      const tell = (figure: string, { seconds, cpuSeconds }: { seconds: number; cpuSeconds: number }): void => {
        report({ bench: "inventory", figure, unit: "s", ours: seconds, peer: null, peerName: null, goal: GOAL, details: { cpuSeconds: Number(cpuSeconds.toFixed(3)), hosts, domains } });
      };
      tell("first reading of a process: ssh connections and capabilities included", first);
      tell(`with open connections, median of ${ROUNDS}`, median);
      tell("with open connections, and what guests use", measured);
      tell("digest, and difference of two readings", later);
      summarize(`inventory: ${domains} domains on ${hosts} hosts in ${first.seconds.toFixed(2)} s, again in ${median.seconds.toFixed(2)} s`);
    } finally {
      await closeHosts();
      await onEach(lab, undefine);
    }
  },
};

/** With the CPU time of this process, which a busy machine does not stretch. */
async function timed<T>(task: () => Promise<T>): Promise<{ seconds: number; cpuSeconds: number; result: T }> {
  const start = performance.now();
  const before = process.cpuUsage();
  const result = await task();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6, result };
}

/** By the host's own socket, so that the connections that are measured are new. */
async function onEach(lab: Lab, task: (connection: HostConnection, index: number) => Promise<void>): Promise<void> {
  await Promise.all(lab.hosts.map(async (host: LabHost, index) => {
    const transport = createTransport(parseLibvirtUri(host.unixUri), { name: host.name });
    const connection = new HostConnection(() => transport.open(), { label: host.name });
    try {
      await task(connection, index);
    } finally {
      await connection.close();
      await transport.close();
    }
  }));
}

async function define(connection: HostConnection, host: number, hosts: number): Promise<void> {
  // libvirt asks QEMU once after its start, which is not what is measured.
  await connection.connectGetDomainCapabilities({ emulatorbin: null, arch: "x86_64", machine: null, virttype: "qemu", flags: 0 });
  const count = Math.floor(DOMAINS / hosts) + (host < DOMAINS % hosts ? 1 : 0);
  await Promise.all(Array.from({ length: count }, async (_, index) => {
    const name = `${PREFIX}${host}-${index}`;
    const xml = DomainDocument.create({
      name, uuid: crypto.randomUUID(), title: "", accelerator: "qemu", arch: "x86_64", machine: "q35", firmware: "bios", cpu: undefined,
      vcpus: 2, maxVcpus: 8, memory: bytes(1024 ** 3), maxMemory: bytes(4 * 1024 ** 3),
      disks: { root: { path: `/var/lib/libvirt/images/${name}.qcow2`, format: "qcow2", bus: "virtio", cache: "none", discard: "unmap", readOnly: false, bootOrder: 1 } },
      seed: `/var/lib/libvirt/images/${name}.seed`,
      nics: { lan: { source: { bridge: "br0" }, mac: `52:54:00:00:${hex(host)}:${hex(index)}`, model: "virtio", mtu: undefined, link: "up", vlan: undefined } },
      graphics: undefined, serial: true, mark: { owner: "bench", urn: `drover:VirtualMachine::${name}`, version: 1 },
    }).format();
    await connection.domainDefineXMLFlags({ xml, flags: 0 });
  }));
}

function hex(number: number): string {
  return (number % 256).toString(16).padStart(2, "0");
}

async function undefine(connection: HostConnection): Promise<void> {
  const { domains } = await connection.connectListAllDomains({ needResults: 1, flags: 0 });
  await Promise.all(domains.filter(({ name }) => name.startsWith(PREFIX)).map((dom) => connection.domainUndefineFlags({ dom, flags: 0 })));
}
