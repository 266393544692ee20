/**
 * Clusters as in ByteDance's `clusters.json`: hosts with NUMA nodes, and VMs that span one or two of them. What a NUMA node has
 * free is what the file says and what its VMs leave, whichever is less.
 */

export interface VmrCluster {
  readonly name: string;
  readonly hosts: readonly string[];
  /** May the host take VMs? */
  readonly isActive: readonly boolean[];
  readonly cells: readonly VmrCell[];
  readonly vms: readonly VmrVm[];
}

/** A NUMA node. */
export interface VmrCell {
  /** Index of its host. */
  readonly host: number;
  /** The file's number of it on its host. */
  readonly node: number;
  readonly cores: number;
  readonly freeCores: number;
  readonly freeMib: number;
}

export interface VmrVm {
  readonly name: string;
  readonly isMovable: boolean;
  /** Where it is, and what it uses there, in the order of its parts. */
  readonly parts: readonly VmrPart[];
}

export interface VmrPart {
  /** Index of the cell. */
  readonly cell: number;
  readonly cores: number;
  readonly mib: number;
}

/** The file's own objects, as far as they are read here; the rest is kept. */
export interface VmrFile {
  readonly cluster_list: readonly RawCluster[];
}

interface RawCluster {
  readonly cluster_name: string;
  readonly host_info: readonly { readonly node_id: string; readonly status?: string; readonly numa: readonly RawCell[] }[];
  readonly vm_instance: readonly { readonly instance_id: string; readonly host_id: string; readonly numa: readonly RawPart[]; readonly allow_migration?: boolean }[];
}

interface RawCell {
  readonly node: number;
  readonly total_cpu: number;
  readonly free_cpu: number;
  readonly memory_huge_total_mb: number;
  readonly memory_huge_free_mb: number;
}

interface RawPart {
  readonly node: number;
  readonly cpu: number;
  readonly mem_mb: number;
}

export function readVmr(text: string): { readonly file: VmrFile; readonly clusters: readonly VmrCluster[] } {
  const file: unknown = JSON.parse(text);
  if (!isVmrFile(file)) throw new Error("the file has no cluster_list");
  return { file, clusters: file.cluster_list.map(readCluster) };
}

/** The same file with the VMs on other cells, and with what that leaves free. @param cellsOf cells of each VM's parts, for each cluster */
export function writeVmr(file: VmrFile, clusters: readonly VmrCluster[], cellsOf: readonly (readonly (readonly number[])[])[]): string {
  const list = file.cluster_list.map((raw, c) => {
    const cluster = clusters[c];
    const cells = cellsOf[c];
    if (cluster === undefined || cells === undefined) return raw;
    const cores = new Float64Array(cluster.cells.length);
    const mib = new Float64Array(cluster.cells.length);
    for (const [v, { parts }] of cluster.vms.entries()) {
      for (const [p, part] of parts.entries()) {
        const to = cells[v]?.[p] ?? part.cell;
        if (to === part.cell) continue;
        cores[part.cell] = (cores[part.cell] ?? 0) + part.cores;
        cores[to] = (cores[to] ?? 0) - part.cores;
        mib[part.cell] = (mib[part.cell] ?? 0) + part.mib;
        mib[to] = (mib[to] ?? 0) - part.mib;
      }
    }
    let next = 0;
    const hosts = raw.host_info.map((host) => ({
      ...host,
      numa: host.numa.map((cell) => {
        const at = next;
        next += 1;
        return { ...cell, free_cpu: cell.free_cpu + (cores[at] ?? 0), memory_huge_free_mb: cell.memory_huge_free_mb + (mib[at] ?? 0) };
      }),
    }));
    const vms = raw.vm_instance.map((vm, v) => ({
      ...vm, host_id: cluster.hosts[cluster.cells[cells[v]?.[0] ?? -1]?.host ?? -1] ?? vm.host_id,
      numa: vm.numa.map((part, p) => ({ ...part, node: cluster.cells[cells[v]?.[p] ?? -1]?.node ?? part.node })),
    }));
    return { ...raw, host_info: hosts, vm_instance: vms };
  });
  return JSON.stringify({ ...file, cluster_list: list }, null, 1);
}

/** Share of free cores that are left over beside blocks of so many on each cell: FR16 for 16. */
export function fragmentRate(freeCores: readonly number[], block: number): number {
  const free = freeCores.reduce((sum, cores) => sum + cores, 0);
  return free === 0 ? 0 : freeCores.reduce((sum, cores) => sum + (cores % block), 0) / free;
}

function readCluster({ cluster_name: name, host_info: hosts, vm_instance: vms }: RawCluster): VmrCluster {
  const cellOf = new Map<string, number>();
  const raw: { readonly host: number; readonly cell: RawCell }[] = [];
  for (const [host, { node_id: id, numa }] of hosts.entries()) {
    for (const cell of numa) {
      cellOf.set(`${id} ${cell.node}`, raw.length);
      raw.push({ host, cell });
    }
  }
  const used = raw.map(() => ({ cores: 0, mib: 0 }));
  const read = vms.map((vm): VmrVm => ({
    name: vm.instance_id, isMovable: vm.allow_migration !== false,
    parts: vm.numa.map((part) => {
      const cell = cellOf.get(`${vm.host_id} ${part.node}`);
      const use = used[cell ?? -1];
      if (cell === undefined || use === undefined) throw new Error(`${vm.instance_id} is on NUMA node ${part.node} of ${vm.host_id}, which is not there`);
      use.cores += part.cpu;
      use.mib += part.mem_mb;
      return { cell, cores: part.cpu, mib: part.mem_mb };
    }),
  }));
  return {
    name, hosts: hosts.map(({ node_id: id }) => id), isActive: hosts.map(({ status }) => status === undefined || status === "ACTIVE"), vms: read,
    cells: raw.map(({ host, cell }, index) => ({
      host, node: cell.node, cores: cell.total_cpu, freeCores: Math.min(cell.free_cpu, cell.total_cpu - (used[index]?.cores ?? 0)),
      freeMib: Math.min(cell.memory_huge_free_mb, cell.memory_huge_total_mb - (used[index]?.mib ?? 0)),
    })),
  };
}

function isVmrFile(value: unknown): value is VmrFile {
  return typeof value === "object" && value !== null && "cluster_list" in value && Array.isArray(value.cluster_list);
}
