import { bytes, formatBytes, parseBytes, type Bytes } from "../../base/bytes.js";
import { containsUnknown, sameValue } from "../../engine/difference.js";
import { UNKNOWN, type CheckFailure, type CheckResult } from "../../engine/handler.js";
import type { Change, Graphics, HostRef, Planned, PoolRef, VirtualMachineInputs, VmDisk, VmNic } from "../../schema/index.js";
import { keepPoolOwner } from "../owner.js";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** QEMU rounds sizes up to whole sectors. */
const SECTOR_BYTES = 512;

/** What the schema can not say of a VM; its defaults that depend on other inputs; and what a change does, and when. */
export function checkVm(olds: VirtualMachineInputs | undefined, news: VirtualMachineInputs, logicalName: string): CheckResult<VirtualMachineInputs> {
  const inputs: VirtualMachineInputs = {
    ...news,
    // A resource that was renamed by an alias keeps the name of its domain.
    name: news.name ?? olds?.name ?? logicalName,
    ...optional("maxVcpus", news.maxVcpus ?? olds?.maxVcpus ?? defaultMaxVcpus(news.vcpus)),
    maxMemory: news.maxMemory ?? olds?.maxMemory ?? defaultMaxMemory(news.memory),
    disks: mapValues(news.disks ?? {}, (disk, name) => keepOwners(olds?.disks?.[name], disk, news.host)),
    ...grownMaxima(news, olds),
  };
  if (inputs.cluster !== undefined && inputs.host.name === "") return { inputs, failures: [unplaced(inputs.cluster.name)] };
  const failures = [...plannedFailures(inputs), ...autostartFailures(inputs), ...sizeFailures(inputs), ...entriesOf(inputs.disks).flatMap(([name, disk]) => [...diskFailures(name, disk, olds?.disks?.[name]), ...placeFailures(name, disk, inputs.host)]),
    ...entriesOf(inputs.nics).flatMap(([name, nic]) => nicFailures(name, nic)), ...graphicsFailures(inputs.graphics)];
  return { inputs: { ...inputs, ...plannedInput(inputs), ...changesInput(changesOf(olds, inputs)) }, failures };
}

function unplaced(cluster: string): CheckFailure {
  return { property: "cluster", reason: `cluster ${cluster} has placed no such VM: its Placement was left out of this run by --target or --exclude; let it be part of it, by --target-dependents or another --target with the Placement's URN` };
}

/** What a cluster plans with, as the VM itself has it. */
const PLANNED = ["vcpus", "memory", "running", "labels", "pin", "spread", "ha"] as const;

/** What the VM is must be what its cluster found a place for. */
function plannedFailures({ cluster, planned, ...inputs }: VirtualMachineInputs): CheckFailure[] {
  if (cluster === undefined || !isKnown(planned)) return [];
  const failures = placeChanges(inputs, planned).map(({ property, what, is, was }) => ({
    property, reason: `need ${what} ${is}, but cluster ${cluster.name} placed the VM with ${was}: something changed them after the cluster had seen them (a transform?); change them where the VM is declared`,
  }));
  return [...failures, ...PLANNED.filter((property) => !containsUnknown([inputs[property], planned[property]]) && !sameValue(inputs[property], planned[property])).map((property) => ({
    property, reason: `is ${told(inputs[property])}, but cluster ${cluster.name} placed the VM with ${told(planned[property])}: something changed it after the cluster had seen it (a transform?), or the Placement was left out of this run; change it where the VM is declared`,
  }))];
}

/** Where a VM's disks and NICs need to be, and what it was placed with, where these differ; by names, in any order. */
function placeChanges({ disks, nics }: Pick<VirtualMachineInputs, "disks" | "nics">, planned: Planned): { readonly property: string; readonly what: string; readonly is: string; readonly was: string }[] {
  // What is not known yet may be anything, and so may what has a part that is not.
  if (containsUnknown([disks, nics])) return [];
  const drives = Object.values(disks ?? {});
  const cards = Object.values(nics ?? {});
  const those = [
    { property: "disks", what: "storage pools", is: drives.flatMap(({ pool, image, disk }) => [pool?.name, image?.pool.name, disk?.pool.name]), was: planned.pools },
    { property: "nics", what: "networks", is: cards.map(({ network }) => network?.name), was: planned.networks },
    { property: "nics", what: "bridges", is: cards.map(({ bridge }) => bridge), was: planned.bridges },
  ];
  return those.flatMap(({ property, what, is, was }) => {
    const [now, then] = [namesOf(is), namesOf(was ?? [])];
    return was === undefined || was.includes(UNKNOWN) || now === then ? [] : [{ property, what, is: now, was: then }];
  });
}

function namesOf(names: readonly (string | undefined)[]): string {
  const known = [...new Set(names.filter((name) => name !== undefined))].sort();
  return known.length === 0 ? "none" : known.join(", ");
}

/** What a host starts by itself when it comes back may run elsewhere by then. */
function autostartFailures({ cluster, autostart }: VirtualMachineInputs): CheckFailure[] {
  if (cluster === undefined || !autostart) return [];
  return [{ property: "autostart", reason: `a VM of cluster ${cluster.name} is started by no host by itself, for it may run on another one by then: leave it out, and give the VM \`ha\` and the cluster a guard` }];
}

function told(value: VirtualMachineInputs[(typeof PLANNED)[number]]): string {
  return value === undefined ? "none" : typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The rest of what it was planned with is the VM's own. */
function plannedInput({ planned }: VirtualMachineInputs): Pick<VirtualMachineInputs, "planned"> {
  return !isKnown(planned) ? {} : { planned: { vcpus: planned.vcpus, memory: planned.memory, ...(planned.repairs === undefined ? {} : { repairs: planned.repairs }) } };
}

function changesInput(changes: readonly Change[]): { changes?: readonly Change[] } {
  return changes.length === 0 ? {} : { changes };
}

/** In a preview a number may be {@link UNKNOWN} too; then its default comes with `up`. */
function defaultMaxVcpus(vcpus: number): number | undefined {
  const most = Math.max(8, 2 * vcpus);
  return Number.isNaN(most) ? undefined : most;
}

function optional<K extends string, T>(name: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : { [name]: value } as { [P in K]?: T };
}

function defaultMaxMemory(memory: string): string {
  const now = sizeOf(memory);
  if (now === undefined) return memory;
  return formatBytes(bytes(Math.max(4 * GIB, Math.min(4 * now, now + 512 * GIB))));
}

/** A maximum that was chosen by default grows with what it bounds: that needs a restart, and is no error. */
function grownMaxima(news: VirtualMachineInputs, olds: VirtualMachineInputs | undefined): Partial<VirtualMachineInputs> {
  const memory = sizeOf(news.memory);
  const max = sizeOf(olds?.maxMemory);
  return {
    ...(news.maxVcpus === undefined && olds?.maxVcpus !== undefined && olds.maxVcpus < news.vcpus ? { maxVcpus: news.vcpus } : {}),
    ...(news.maxMemory === undefined && memory !== undefined && max !== undefined && max < memory ? { maxMemory: news.memory } : {}),
  };
}

function sizeFailures(inputs: VirtualMachineInputs): CheckFailure[] {
  const memory = sizeOf(inputs.memory);
  const max = sizeOf(inputs.maxMemory);
  const failures: CheckFailure[] = [];
  if (memory !== undefined && (memory % MIB !== 0 || memory === 0)) failures.push({ property: "memory", reason: `expected a multiple of 1 MiB, got ${inputs.memory}` });
  if (inputs.maxVcpus !== undefined && inputs.maxVcpus < inputs.vcpus) failures.push({ property: "maxVcpus", reason: `is smaller than vcpus, which is ${inputs.vcpus}` });
  if (memory !== undefined && max !== undefined && max < memory) failures.push({ property: "maxMemory", reason: `is smaller than memory, which is ${inputs.memory}` });
  return failures;
}

function diskFailures(name: string, disk: VmDisk, old: VmDisk | undefined): CheckFailure[] {
  const at = `disks.${name}`;
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string): void => { failures.push({ property: `${at}${property}`, reason }); };
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) fail("", "a disk's name has letters, digits, - and _ only");
  if (disk.disk !== undefined) {
    for (const other of ["image", "pool", "size"] as const) {
      if (disk[other] !== undefined) fail(`.${other}`, "an attached Disk has its own: give it there");
    }
    return failures;
  }
  if (disk.image === undefined && disk.pool === undefined) fail("", "needs an image, a pool to be made in, or a disk to attach");
  if (disk.image === undefined && disk.size === undefined) fail(".size", "is missing: an empty disk needs a size");
  if (disk.image !== undefined && disk.format === "raw") fail(".format", "expected qcow2 for a disk on an image, got raw: a layer on an image is qcow2");
  const image = disk.image;
  if (isKnown(image) && isKnown(image.pool) && isKnown(disk.pool) && image.pool.uuid !== disk.pool.uuid && !sharesHosts(image.pool.hosts, disk.pool.hosts)) {
    fail(".pool", `is on other hosts than the image's pool ${image.pool.name}`);
  }
  const size = sizeOf(disk.size);
  const before = sizeOf(old?.size);
  if (size !== undefined && size % SECTOR_BYTES !== 0) fail(".size", `expected a multiple of ${SECTOR_BYTES} bytes, got ${disk.size ?? ""}`);
  if (size !== undefined && before !== undefined && size < before) {
    fail(".size", `can not shrink from ${old?.size ?? ""} to ${disk.size ?? ""}: disks only grow; make a new disk and copy the data`);
  }
  const virtual = isKnown(image) ? sizeOf(image.virtualSize) : undefined;
  if (size !== undefined && virtual !== undefined && size < virtual) fail(".size", `is smaller than its image, which has ${image?.virtualSize ?? ""}`);
  return failures;
}

/** A pool that is not shared must be on the VM's host. */
function placeFailures(name: string, { pool, image, disk }: VmDisk, host: HostRef): CheckFailure[] {
  if (!isKnown(host)) return [];
  const pools = { pool, "image.pool": isKnown(image) ? image.pool : undefined, "disk.pool": isKnown(disk) ? disk.pool : undefined };
  return Object.entries(pools).flatMap(([property, each]) => {
    if (!isKnown(each) || !isKnown(each.hosts) || each.shared || each.hosts.some(({ uri }) => uri === host.uri)) return [];
    return [{ property: `disks.${name}.${property}`, reason: `storage pool ${each.name} is not on ${host.name}, but on ${each.hosts.map((other) => other.name).join(", ")}` }];
  });
}

function nicFailures(name: string, nic: VmNic): CheckFailure[] {
  if ((nic.network === undefined) === (nic.bridge === undefined)) return [{ property: `nics.${name}`, reason: "needs a network or a bridge, one of them" }];
  return [];
}

/** VNC's own protocol cuts a password off after eight characters, and libvirt refuses a longer one. */
function graphicsFailures(graphics: Graphics | undefined): CheckFailure[] {
  const password = graphics?.type === "vnc" ? graphics.password : undefined;
  if (password === undefined || password === UNKNOWN || password.length <= 8) return [];
  return [{ property: "graphics.password", reason: `has ${password.length} characters: VNC takes at most 8` }];
}

/** Which changes take effect at once, and which at the next restart. */
export function changesOf(olds: VirtualMachineInputs | undefined, news: VirtualMachineInputs): Change[] {
  if (olds === undefined) return [];
  const changes: Change[] = [];
  const compare = (property: string, before: unknown, after: unknown, when: Change["when"]): void => {
    if (JSON.stringify(before ?? null) !== JSON.stringify(after ?? null)) changes.push({ property, when });
  };
  for (const property of ["title", "autostart", "running", "shutdown", "ha"] as const) compare(property, olds[property], news[property], "live");
  for (const property of ["machine", "firmware", "cpu", "watchdog", "serial", "maxVcpus", "maxMemory", "cloudInit", "name"] as const) compare(property, olds[property], news[property], "restart");
  const { graphics: before } = olds;
  const { graphics: after } = news;
  if (before === undefined || after === undefined) compare("graphics", before, after, "restart");
  else for (const key of ["type", "listen", "port", "password"] as const) compare(`graphics.${key}`, before[key], after[key], key === "password" && after.password !== undefined ? "live" : "restart");
  compare("vcpus", olds.vcpus, news.vcpus, news.vcpus <= (olds.maxVcpus ?? 0) ? "live" : "restart");
  compare("memory", olds.memory, news.memory, (sizeOf(news.memory) ?? 0) <= (sizeOf(olds.maxMemory) ?? 0) ? "live" : "restart");
  changes.push(...named("disks", olds.disks ?? {}, news.disks ?? {}, ["bus", "cache", "discard", "readOnly", "bootOrder"]));
  changes.push(...named("nics", olds.nics ?? {}, news.nics ?? {}, ["mtu"]));
  return changes;
}

/** Devices that come and go do so at once; in one that stays, these properties wait for a restart. */
function named<T extends object>(property: string, olds: Readonly<Record<string, T>>, news: Readonly<Record<string, T>>, later: readonly (keyof T)[]): Change[] {
  if (!isKnown(olds) || !isKnown(news)) return [];
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  return names.flatMap((name): Change[] => {
    const before = olds[name];
    const after = news[name];
    if (sameValue(before, after)) return [];
    if (before === undefined || after === undefined) return [{ property: `${property}.${name}`, when: isPluggable(before ?? after) ? "live" : "restart" }];
    return (Object.keys({ ...before, ...after }) as (keyof T)[])
      .filter((key) => !sameValue(before[key], after[key]))
      .map((key) => ({ property: `${property}.${name}.${String(key)}`, when: later.includes(key) ? "restart" : "live" }));
  });
}

/** SATA disks do not come and go in a running guest; all else does, as long as there is a free slot. */
function isPluggable(device: object | undefined): boolean {
  return device === undefined || !("bus" in device) || device.bus !== "sata";
}

function keepOwners(old: VmDisk | undefined, now: VmDisk, host: HostRef): VmDisk {
  const kept = { ...now };
  if (isKnown(now.pool)) Object.assign(kept, { pool: onlyOn(host, keepPoolOwner(old?.pool, now.pool)) });
  if (isKnown(now.disk) && isKnown(now.disk.pool)) Object.assign(kept, { disk: { ...now.disk, pool: onlyOn(host, now.disk.pool) } });
  if (isKnown(now.image) && isKnown(now.image.pool)) Object.assign(kept, { image: { ...now.image, pool: onlyOn(host, keepPoolOwner(old?.image?.pool, now.image.pool)) } });
  return kept;
}

/**
 * Of a pool that is not shared, only the part on the VM's own host matters: 300 hosts in the state of each VM would make the
 * state grow with their product, and a host more would be a change of every VM.
 */
function onlyOn(host: HostRef, pool: PoolRef): PoolRef {
  if (!isKnown(host) || !isKnown(pool.hosts) || pool.shared) return pool;
  const own = pool.hosts.filter(({ uri }) => uri === host.uri);
  return own.length === 0 ? pool : { ...pool, hosts: own };
}

function sharesHosts(a: readonly { readonly uri: string }[], b: readonly { readonly uri: string }[]): boolean {
  return a.some((host) => b.some((other) => other.uri === host.uri));
}

/** A size that is known, in bytes. */
function sizeOf(text: string | undefined): Bytes | undefined {
  return text === undefined || text === UNKNOWN ? undefined : parseBytes(text);
}

/** In a preview a whole reference may stand for something that is not known yet. */
function isKnown<T extends object>(value: T | undefined): value is T {
  return typeof value === "object";
}

/** The whole map may be unknown too. */
function entriesOf<T>(record: Readonly<Record<string, T>> | undefined): [string, T][] {
  return isKnown(record) ? Object.entries(record) : [];
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T, name: string) => T): Readonly<Record<string, T>> {
  return !isKnown(record) ? record : Object.fromEntries(Object.entries(record).map(([name, value]) => [name, typeof value === "object" ? map(value, name) : value]));
}
