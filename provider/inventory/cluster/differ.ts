import { basisOf, canonical, type ClusterBasis, type DigestOptions, type DomainBasis, type HostBasis, type OurBasis } from "./digest.js";
import type { ClusterReading } from "./model.js";

/**
 * What of that which a plan rests on is otherwise in the second reading, as lines for an operator. Empty exactly where the
 * two have the same digest.
 * @example ["web-1 runs on birch, not on ash any more", "cedar does not answer"]
 */
export function whatDiffers(before: ClusterReading, after: ClusterReading, options: DigestOptions = {}): string[] {
  return differences(basisOf(before, options), basisOf(after, options));
}

/** The same of what was kept of two readings. */
export function differences(old: ClusterBasis, now: ClusterBasis): string[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  const lines = [...names.flatMap((name) => hostLines(name, old, now)), ...domainLines(old, now)];
  if (lines.length > 0 || canonical(old) === canonical(now)) return lines;
  // Nothing is left out by the lines above, as far as is known; to say nothing would be wrong all the same.
  return names.filter((name) => canonical(old[name]) !== canonical(now[name])).map((name) => `what ${name} is or carries has changed`);
}

function hostLines(name: string, old: ClusterBasis, now: ClusterBasis): string[] {
  if (!(name in old)) return [`${name} is a host of the cluster now`];
  if (!(name in now)) return [`${name} is no host of the cluster any more`];
  const [one = null, other = null] = [old[name], now[name]];
  if (one === null && other === null) return [];
  if (other === null) return [`${name} does not answer`];
  if (one === null) return [`${name} answers again`];
  return [
    ...(one.hostUuid === other.hostUuid ? [] : [`${name} is another machine now (${other.hostUuid}, not ${one.hostUuid})`]),
    ...(one.cpus === other.cpus && one.memoryMib === other.memoryMib && canonical(one.numaCells) === canonical(other.numaCells) ? []
      : [`${name} has ${amounts(other.cpus, other.memoryMib)} now, it had ${amounts(one.cpus, one.memoryMib)}${one.cpus === other.cpus && one.memoryMib === other.memoryMib ? " in other NUMA cells" : ""}`]),
    ...(canonical(one.cpu) === canonical(other.cpu) ? [] : [cpuLine(name, one.cpu, other.cpu)]),
    ...(canonical([one.machineTypes, one.accelerators]) === canonical([other.machineTypes, other.accelerators]) ? [] : [`${name} has another QEMU: it knows other machine types or accelerators`]),
    ...(one.closed === other.closed ? [] : [stateLine(name, one.closed, other.closed)]),
    ...other.dead.filter((dead) => !one.dead.includes(dead)).map((dead) => `${dead} was declared dead, by what ${name} keeps`),
    ...one.dead.filter((dead) => !other.dead.includes(dead)).map((dead) => `${dead} is not declared dead any more, by what ${name} keeps`),
    ...(one.isMarkReadable === other.isMarkReadable ? [] : [`Drover's note on ${name} ${other.isMarkReadable ? "can be read again" : "cannot be read any more"}`]),
  ];
}

function amounts(cpus: number, memoryMib: number): string {
  return `${cpus} CPUs and ${memoryMib} MiB`;
}

function cpuLine(name: string, one: HostBasis["cpu"], other: HostBasis["cpu"]): string {
  const lost = one.features.filter((feature) => !other.features.includes(feature));
  const won = other.features.filter((feature) => !one.features.includes(feature));
  const parts = [
    ...(one.model === other.model ? [] : [`it is ${other.model ?? "unknown"}, not ${one.model ?? "unknown"}`]),
    ...(lost.length === 0 ? [] : [`without ${lost.join(", ")}`]),
    ...(won.length === 0 ? [] : [`with ${won.join(", ")}`]),
  ];
  return `${name}'s CPU is another one to guests${parts.length === 0 ? "" : `: ${parts.join("; ")}`}`;
}

function stateLine(name: string, one: string | undefined, other: string | undefined): string {
  const words = (state: string): string => (state === "maintenance" ? "in maintenance" : state);
  return other === undefined ? `${name} is not ${words(one ?? "")} any more` : `${name} is ${words(other)} now`;
}

/** A domain where it was and where it is, on hosts that answered both times: of the others nothing can be said. */
function domainLines(old: ClusterBasis, now: ClusterBasis): string[] {
  const hosts = Object.keys(old).filter((name) => (old[name] ?? null) !== null && (now[name] ?? null) !== null).sort();
  const [before, after] = [placesIn(old, hosts), placesIn(now, hosts)];
  const lines = [...new Set([...before.keys(), ...after.keys()])].flatMap((uuid) => {
    const was = before.get(uuid) ?? [];
    const is = after.get(uuid) ?? [];
    const some = is[0] ?? was[0];
    return some === undefined || canonical(was) === canonical(is) ? [] : linesOf(was, is).map((text) => ({ name: some.domain.name, text }));
  });
  return lines.sort((left, right) => (left.name === right.name ? 0 : left.name < right.name ? -1 : 1)).map(({ text }) => text);
}

interface Place {
  readonly host: string;
  readonly domain: DomainBasis;
}

/** By UUID, where each domain is. */
function placesIn(basis: ClusterBasis, hosts: readonly string[]): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>();
  for (const host of hosts) {
    for (const [uuid, domain] of Object.entries(basis[host]?.domains ?? {})) {
      const known = places.get(uuid);
      if (known === undefined) places.set(uuid, [{ host, domain }]);
      else known.push({ host, domain });
    }
  }
  return places;
}

function linesOf(was: readonly Place[], is: readonly Place[]): string[] {
  const some = is[0] ?? was[0];
  if (some === undefined) return [];
  const who = [...was, ...is].some(({ domain }) => domain.ours !== undefined) ? some.domain.name : `a domain that is not ours, ${some.domain.name},`;
  const [ran, runs] = [hostsOf(was, true), hostsOf(is, true)];
  if (ran.join() !== runs.join()) return [runningLine(who, ran, is)];
  const lines = [
    ...definitionLines(who, was, is),
    ...is.flatMap((place) => {
      const before = was.find(({ host }) => host === place.host);
      return before === undefined ? [] : changeLines(who, place.host, before.domain, place.domain);
    }),
  ];
  return lines.length > 0 ? lines : [`${who} is otherwise than it was on ${is.map(({ host }) => host).join(" and ")}`];
}

function runningLine(who: string, ran: readonly string[], is: readonly Place[]): string {
  const runs = hostsOf(is, true);
  const [from, to] = [ran.join(" and "), runs.join(" and ")];
  if (runs.length > 1) {
    // Where a migration is under way, one of the two is paused.
    const isOnItsWay = is.filter(({ domain }) => domain.ours?.state === "running").length < 2;
    return isOnItsWay ? `${who} is on ${to} at once: it is being migrated, or a migration of it was cut off` : `${who} runs on ${to} at once`;
  }
  if (to === "") return `${who} was stopped on ${from}${is.length > 0 ? "" : " and is not defined there any more"}`;
  if (from === "") return `${who} was started on ${to}`;
  return `${who} runs on ${to}, not on ${ran.filter((host) => !runs.includes(host)).join(" and ")} any more`;
}

/** Of what runs nowhere; the definition that a running guest leaves behind or takes along is said of it too. */
function definitionLines(who: string, was: readonly Place[], is: readonly Place[]): string[] {
  const [before, after] = [was.map(({ host }) => host), is.map(({ host }) => host)];
  const lost = before.filter((host) => !after.includes(host));
  const won = after.filter((host) => !before.includes(host));
  if (lost.length > 0 && won.length > 0) return [`${who} is defined on ${won.join(" and ")}, not on ${lost.join(" and ")} any more`];
  return [...(lost.length > 0 ? [`${who} is not defined on ${lost.join(" and ")} any more`] : []), ...(won.length > 0 ? [`${who} is defined on ${won.join(" and ")} now`] : [])];
}

function changeLines(who: string, host: string, one: DomainBasis, other: DomainBasis): string[] {
  const differs = (of: (domain: DomainBasis) => unknown): boolean => canonical(of(one)) !== canonical(of(other));
  return [
    ...(one.name === other.name ? [] : [`${who} was called ${one.name}`]),
    ...(differs(({ vcpus, memoryMib }) => [vcpus, memoryMib]) ? [`${who} has ${amounts(other.vcpus, other.memoryMib)} now, it had ${amounts(one.vcpus, one.memoryMib)}`] : []),
    ...(differs(({ hostCells }) => hostCells) ? [`${who} is bound to other NUMA cells of ${host}`] : []),
    ...ourLines(who, host, one.ours, other.ours),
  ];
}

function ourLines(who: string, host: string, one: OurBasis | undefined, other: OurBasis | undefined): string[] {
  if (one === undefined || other === undefined) return one === other ? [] : [`${who} ${other === undefined ? "does not carry Drover's mark any more" : "carries Drover's mark now"}`];
  const differs = (of: (domain: OurBasis) => unknown): boolean => canonical(of(one)) !== canonical(of(other));
  return [
    ...(one.state === other.state ? [] : [`${who} is ${other.state} on ${host}, not ${one.state} any more`]),
    ...(differs(({ mark }) => mark) ? [`${who} has another mark: a run of Drover changed it, or began or ended a move of it`] : []),
    ...(differs(({ devices }) => devices) ? [`${who} has other disks, networks or another CPU`] : []),
    ...(differs(({ obstacles }) => obstacles) ? [other.obstacles.length === 0 ? `${who} can move now` : `${who} ${other.obstacles.join(", and ")}`] : []),
  ];
}

function hostsOf(places: readonly Place[], isActive: boolean): string[] {
  return places.filter(({ domain }) => domain.isActive === isActive).map(({ host }) => host);
}
