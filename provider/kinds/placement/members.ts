import { parseBytes } from "../../base/bytes.js";
import type { ClusterReading, DomainInventory, HostInventory } from "../../inventory/cluster/index.js";
import type { Member, PlacementInputs } from "../../schema/index.js";

/** A domain and the host that it was seen on. */
export interface Seen {
  readonly host: HostInventory;
  readonly domain: DomainInventory;
}

/** A VM of the program and what was found of it: where it runs, or is defined; nothing, for a new one. */
export interface FoundMember {
  readonly name: string;
  readonly member: Member;
  readonly seen: Seen | undefined;
  /** A host that does not answer and on which it may run: where it was placed before, else any, for somebody may have moved it since. */
  readonly maybeOn: string | undefined;
  /** Other hosts that have a definition of it, which does not run. */
  readonly leftovers: readonly string[];
  /** It runs and stays where it is, whatever rules say of that: what is broken by such VMs alone forbids nothing. */
  readonly stands?: true;
}

/** What the inventory's domains are to the program. */
export interface Sorted {
  readonly members: readonly FoundMember[];
  /** All others: of programs, of people, VMs of ours that leave the program, and second copies of members. They are load, and are not touched. */
  readonly others: readonly Seen[];
  /** Members that run on more than one host. */
  readonly twice: readonly { readonly name: string; readonly hosts: readonly string[] }[];
}

const MIB = 1024 ** 2;

/**
 * Finds each member's domain by its mark: the key of its resource today or before, under an owner of the cluster.
 * @param dead names of silent hosts that are known to be dead: nothing runs there
 */
export function sortDomains(inputs: PlacementInputs, owners: ReadonlySet<string>, { hosts, silent }: ClusterReading, dead: ReadonlySet<string>): Sorted {
  const silentNames = silent.map(({ address }) => address.name);
  const byKey = new Map(Object.entries(inputs.vms).flatMap(([name, member]) => [member.key, ...(member.aliases ?? [])].map((key) => [key, name] as const)));
  const found = new Map<string, Seen[]>();
  const others: Seen[] = [];
  for (const host of hosts) {
    for (const domain of host.domains) {
      const name = domain.ours === undefined || !owners.has(domain.ours.owner) ? undefined : byKey.get(domain.ours.urn);
      if (name === undefined) others.push({ host, domain });
      else found.set(name, [...(found.get(name) ?? []), { host, domain }]);
    }
  }
  const twice: Sorted["twice"][number][] = [];
  const members = Object.entries(inputs.vms).map(([name, member]): FoundMember => {
    const places = found.get(name) ?? [];
    const active = places.filter(({ domain }) => domain.isActive);
    const whole = active.filter(({ domain }) => !isHalf(domain));
    if (whole.length > 1) twice.push({ name, hosts: whole.map(({ host }) => host.address.name) });
    const last = inputs.assignments?.[name]?.name;
    const candidates = whole.length > 0 ? whole : active;
    const running = candidates.find(({ host }) => host.address.name === last) ?? candidates[0];
    others.push(...active.filter((place) => place !== running));
    const seen = running ?? places.find(({ host }) => host.address.name === last) ?? places[0];
    const leftovers = places.filter((place) => place !== seen && !place.domain.isActive).map(({ host }) => host.address.name);
    return { name, member, seen, leftovers, maybeOn: last === undefined ? undefined : maybeOn(last, seen, silentNames, dead) };
  });
  return { members, others: others.filter(({ domain }) => domain.isActive), twice };
}

/**
 * The silent host on which a VM may run that was placed before. Where it was placed is what the last update knew: who finds it nowhere
 * cannot know that it was not moved. One that is found, and has ended where it is found, is known not to run.
 */
function maybeOn(last: string, seen: Seen | undefined, silent: readonly string[], dead: ReadonlySet<string>): string | undefined {
  if (seen?.domain.isActive === true) return undefined;
  const living = silent.filter((name) => !dead.has(name));
  if (living.includes(last)) return last;
  const mayHaveLeft = seen === undefined || seen.domain.reason === "migrated";
  if (mayHaveLeft && living[0] !== undefined) return living[0];
  return silent.includes(last) ? last : undefined;
}

/** What a move has of a guest beside the copy that runs: one that waits for its memory, or that has sent all of it. */
function isHalf({ state, reason }: DomainInventory): boolean {
  return state === "paused" && (reason === "migration" || reason === "starting_up" || reason === "postcopy");
}

/** What a VM needs while an update goes on: the larger of what it has and what it shall have. MiB. */
export function demandOf({ member, seen }: FoundMember): { vcpus: number; memoryMib: number } {
  const wanted = { vcpus: member.vcpus, memoryMib: Math.ceil(parseBytes(member.memory) / MIB) };
  if (seen === undefined || !seen.domain.isActive) return wanted;
  return { vcpus: Math.max(wanted.vcpus, seen.domain.vcpus), memoryMib: Math.max(wanted.memoryMib, seen.domain.memory.totalMib) };
}

/** Sizes in the state are text. */
export function mibOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : Math.ceil(parseBytes(text) / MIB);
}
