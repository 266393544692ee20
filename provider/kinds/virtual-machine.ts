import * as pulumi from "@pulumi/pulumi";
import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { undefineMoved } from "../apply/leftover.js";
import { destroyDomain, stopDomain } from "../apply/stop.js";
import { DroverError } from "../base/error.js";
import { containsUnknown } from "../engine/difference.js";
import { PartialFailure, type Context, type Handler } from "../engine/handler.js";
import { DroverResource, qualifiedName, resourceType, withoutDependencies } from "../engine/resource.js";
import { isActive, lookupDomain, searchDomain, silence, stateOf, type DomainPlace, type DomainSearch } from "../inventory/domains.js";
import { hostAt, type ConnectedHost } from "../inventory/hosts.js";
import { derivedUuid } from "../inventory/identity.js";
import { tiesOf, UNTIE } from "../inventory/ties.js";
import type { PoolAddress } from "../inventory/pools.js";
import { hostsOf, withoutDead, type OfCluster } from "../inventory/whereabouts.js";
import type { HostRef, VirtualMachineArgs, VirtualMachineInputs, VirtualMachineOutputs } from "../schema/index.js";
import type { Mark } from "../xml/index.js";
import type { Cluster } from "./cluster.js";
import { memberName, memberOf, namedHa, type HaProps } from "./cluster/member.js";
import { idOf, lockOut } from "./placement/index.js";
import { checkVm } from "./vm/check.js";
import { adoptionChanges, claimDevices } from "./vm/adopt.js";
import { converge, refuse, type Goal } from "./vm/converge.js";
import { claimOf, deleteOwnVolume, seedClaim, poolOf, poolsOf, seedImage, seedPool } from "./vm/disks.js";
import { define, definitionOf, isAdopted, markOf, release, removeLeftovers, stateName, markDeleting, undefine, withDefinition, type DefinedDomain } from "./vm/domain.js";
import { observe } from "./vm/observe.js";
import { seenPlace, settledPlace, type Sought } from "./vm/place.js";
import { macsOf } from "./vm/spec.js";

/**
 * A virtual machine. Every change that libvirt can make in the running guest is made there; what needs a restart waits for
 * one (`pending`), unless `restart: "when-needed"`.
 *
 * @example
 * const web = new VirtualMachine("web", {
 *   host: ash, vcpus: 2, memory: "4 GiB",
 *   disks: { root: { image: debian, size: "20 GiB" } },
 *   nics: { lan: { network: lan } },
 *   cloudInit: { userData: { ssh_authorized_keys: [key] } },
 *   waitForIp: {},
 * });
 * export const address = web.ipAddress;
 */
export class VirtualMachine extends DroverResource {
  declare readonly name: Output<string>;
  /** UUID of the domain. */
  declare readonly uuid: Output<string>;
  /** Name of the host where it was last seen. */
  declare readonly runsOn: Output<string>;
  /** `running`, `paused`, `shutoff`, … */
  declare readonly state: Output<string>;
  declare readonly machineType: Output<string>;
  /** First address of the first NIC that has one; empty when not known. */
  declare readonly ipAddress: Output<string>;
  declare readonly macs: Output<Readonly<Record<string, string>>>;
  declare readonly volumes: Output<Readonly<Record<string, string>>>;
  /** Changes that wait for a restart. */
  declare readonly pending: Output<readonly string[]>;

  /** Its name in its cluster, where it has one. */
  readonly memberName: string | undefined;

  constructor(name: string, { cluster, ha, ...rest }: VirtualMachineProps, options?: CustomResourceOptions) {
    const args = { ...rest, ...(ha === undefined ? {} : { ha: namedHa(name, ha) }) };
    const own = memberName(name, options?.parent);
    let aliased: (keys: readonly string[]) => void = () => {};
    const key = withoutDependencies(pulumi.createUrn(name, resourceType("VirtualMachine"), options?.parent)).then(qualifiedName);
    const aliases = new Promise<readonly string[]>((resolve) => { aliased = resolve; });
    super("VirtualMachine", name, cluster === undefined ? args : { ...args, ...cluster.enlist(own, memberOf(args, { key, aliases }), args.cpu) }, options, ["name"]);
    this.memberName = cluster === undefined ? undefined : own;
    // Its own aliases, and those that come from its parents'.
    pulumi.all(Reflect.get(this, "__aliases") as pulumi.Input<string>[]).apply((urns) => { aliased(urns.map(qualifiedName)); });
  }
}

/** What a VM is declared with: on a host, or in a cluster that computes its host. */
export type VirtualMachineProps = Omit<VirtualMachineArgs, "host" | "ha"> & { readonly ha?: HaProps } & (
  | { readonly host: VirtualMachineArgs["host"]; readonly cluster?: never }
  | { readonly cluster: Cluster; readonly host?: never }
);

export const handler: Handler<VirtualMachineInputs, VirtualMachineOutputs> = {
  async check(_ctx, { olds, news, name }) {
    const { inputs, failures } = checkVm(olds, news, name);
    if (olds !== undefined || !inputs.adopt || containsUnknown(inputs)) return { inputs, failures: failures ?? [] };
    const changes = await adoptionChanges(inputs);
    return { inputs: { ...inputs, ...(changes.length === 0 ? {} : { changes }) }, failures: failures ?? [] };
  },

  diff(_ctx, { olds, news, standard }) {
    const restarts = news.restart === "when-needed" && olds.outputs.pending.length > 0 && news.running;
    // Its cluster saw that it does not run, or is not defined as it should be.
    const isRepaired = (news.planned?.repairs ?? 0) > (olds.inputs.planned?.repairs ?? 0);
    return { ...standard, changes: standard.changes || restarts || isRepaired };
  },

  async create(ctx, { inputs, key }) {
    const owner = ownerOf(inputs);
    const uuid = derivedUuid(owner, "VirtualMachine", key);
    const first = await searchEverywhere(inputs, uuid, [inputs.host]);
    const seek = (): Promise<DomainSearch> => searchEverywhere(inputs, uuid, [inputs.host]);
    const { search, place: found } = first.places.length === 0 ? { search: first, place: undefined } : await settledPlace(ctx, seek, soughtIn(inputs, uuid, inputs.host.name));
    const adopted = found === undefined && inputs.adopt ? await adopt(inputs) : undefined;
    const domain = found === undefined ? adopted : await withDefinition(found);
    if (found !== undefined && domain?.definition.mark !== undefined && domain.definition.mark.urn !== key) throw renamed(found, domain.definition.mark);
    const goal: Goal = { uuid: adopted?.domain.uuid ?? uuid, inputs, mark: markOf(owner, key, adopted !== undefined || isAdopted(domain?.definition.mark)) };
    await refuse(goal, domain);
    return { id: goal.uuid, outputs: await partially(goal, () => converge(ctx, goal, domain, () => { refuseSilent(search, inputs); })) };
  },

  async read(ctx, { id, olds }) {
    const place = await seenPlace(ctx, await searchByState(olds.inputs, id), soughtIn(olds.inputs, id, olds.outputs.runsOn));
    if (place === undefined) return undefined;
    return { id, ...(await observe(ctx, place, olds)) };
  },

  async update(ctx, { id, olds, news, key }) {
    await keepGuardsOut(ctx, news);
    const seek = (): Promise<DomainSearch> => searchEverywhere(news, id, [news.host, olds.inputs.host]);
    const { search, place: found } = await settledPlace(ctx, seek, soughtIn(news, id, olds.outputs.runsOn));
    const defined = found === undefined ? undefined : await withDefinition(found);
    const mark = defined?.definition.mark;
    if (defined !== undefined && mark === undefined) throw notOurs(defined);
    const domain = defined === undefined ? undefined : await moveDefinition(await persistent(defined), olds.inputs.host, news);
    if (domain !== undefined) await removeLeftovers(search.places.filter((each) => each !== found), domain);
    const goal: Goal = { uuid: id, inputs: news, olds, mark: mark ?? markOf(ownerOf(news), key, false) };
    await refuse(goal, domain);
    return await converge(ctx, goal, domain, () => { refuseSilent(search, news); });
  },

  async rekey(ctx, { id, news, outputs, newKey }) {
    const { place } = await settledPlace(ctx, () => searchEverywhere(news, id, [news.host]), soughtIn(news, id, outputs.runsOn));
    if (place === undefined) return;
    const { definition } = await withDefinition(place);
    const { mark } = definition;
    if (mark !== undefined && mark.urn !== newKey) await define(place.host, definition.clone().apply({ mark: { ...mark, urn: newKey } }));
  },

  async delete(ctx, { id, olds }) {
    const { inputs } = olds;
    await keepGuardsOut(ctx, inputs);
    const { search, place } = await settledPlace(ctx, () => searchByState(inputs, id), soughtIn(inputs, id, olds.outputs.runsOn));
    if (search.silent.length > 0) throw silence(search, `all of VM ${inputs.name ?? id}`);
    if (place !== undefined) {
      const { mark } = await definitionOf(place);
      if (mark === undefined) throw notOurs(place);
      if (isAdopted(mark)) {
        await release(place);
        return;
      }
      await removeLeftovers(search.places, place, { isEnd: true });
      await stopAndUndefine(ctx, place, inputs);
    }
    await deleteVolumes(place, search, id, olds);
  },
};

/** A VM of a cluster is its cluster's, on whichever host. */
function ownerOf({ cluster, host }: VirtualMachineInputs): string {
  return cluster?.owner ?? host.owner;
}

/** Whatever was begun is kept in the state, so that the next run finishes it and a destroy removes it. */
async function partially(goal: Goal, run: () => Promise<VirtualMachineOutputs>): Promise<VirtualMachineOutputs> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { inputs, uuid } = goal;
    const volumes = Object.fromEntries(Object.entries(inputs.disks ?? {}).map(([name, disk]) => [name, disk.disk?.volume ?? `${inputs.name ?? uuid}-${name}.${disk.format}`]));
    const outputs: VirtualMachineOutputs = { uuid, runsOn: inputs.host.name, state: stateName(0), machineType: inputs.machine, ipAddress: "", macs: macsOf(inputs, uuid), volumes, pending: [] };
    throw new PartialFailure({ id: uuid, outputs }, error);
  }
}

/**
 * Guards start nothing while a VM of theirs is changed or deleted; of a `destroy`, which begins with its VMs, they know by this alone.
 * @throws DroverError where the record does not answer, or somebody else works on the cluster; nothing was changed then
 */
async function keepGuardsOut(ctx: Context, { ha, cluster }: VirtualMachineInputs): Promise<void> {
  if (ha === undefined || cluster?.guard === undefined) return;
  await lockOut(ctx, { cluster: cluster.name, owner: cluster.owner, guard: cluster.guard }, false);
}

/** @param more hosts on which it may be beside those of its pools and its cluster */
async function searchEverywhere(inputs: VirtualMachineInputs, uuid: string, more: readonly HostRef[]): Promise<DomainSearch> {
  const { hosts, gap } = await hostsOf(inputs.host, poolsOf(inputs), clusterOf(inputs));
  // Whether anything runs on a host that was declared dead, nobody can ask: an operator answered for it.
  const alive = [...hosts, ...more].filter(({ uri }) => inputs.cluster?.dead?.includes(uri) !== true);
  return { ...await searchDomain(uuid, [...new Map(alive.map((host) => [host.uri, host])).values()]), gap };
}

/** The same by the state alone: which hosts are dead it knows as of the last update, and the hosts know it as of now. */
async function searchByState(inputs: VirtualMachineInputs, uuid: string): Promise<DomainSearch> {
  const cluster = clusterOf(inputs);
  const { hosts, gap } = await hostsOf(inputs.host, poolsOf(inputs), cluster);
  const search: DomainSearch = { ...await searchDomain(uuid, hosts), gap };
  return cluster === undefined ? search : await withoutDead(search, cluster);
}

function clusterOf({ cluster }: VirtualMachineInputs): OfCluster | undefined {
  return cluster === undefined ? undefined : { id: idOf({ cluster: cluster.name, owner: cluster.owner }), name: cluster.name };
}

function soughtIn(inputs: VirtualMachineInputs, uuid: string, runsOn: string): Sought {
  return { uuid, name: inputs.name ?? uuid, runsOn };
}

/** A new VM may be made while another host is silent, for it never ran; one whose disks held data may run there. */
function refuseSilent(search: DomainSearch, inputs: VirtualMachineInputs): void {
  if (search.silent.length > 0) throw silence(search, `VM ${inputs.name ?? "the VM"}, which may run there`);
  if (search.gap !== undefined) throw search.gap;
}

/** A domain of the name that somebody else made, to be taken over; `undefined` when there is none. */
async function adopt(inputs: VirtualMachineInputs): Promise<DefinedDomain | undefined> {
  const host = hostAt(inputs.host);
  const domain = await lookupDomain(host, { name: inputs.name ?? "" });
  if (domain === undefined) return undefined;
  const place = { host, domain, state: await stateOf(host, domain) };
  const definition = await definitionOf(place);
  if (definition.mark !== undefined) {
    throw new DroverError({ attempted: `adopt domain ${domain.name}`, host: host.name, answer: `it belongs to another stack (owner ${definition.mark.owner}, ${definition.mark.urn})`, next: "release it there first" });
  }
  return await define(host, claimDevices(definition, inputs));
}

/** A stopped VM's definition follows a changed `host:`; a running one stays, and that is said. */
async function moveDefinition(place: DefinedDomain, before: HostRef, news: VirtualMachineInputs): Promise<DefinedDomain> {
  const target = news.host;
  if (sameHost(before, target) || sameHost(place.host.address, target)) return place;
  const what = `move VM ${place.domain.name} from ${place.host.name} to ${target.name}`;
  if (isActive(place.state)) {
    if (news.cluster !== undefined) {
      throw new DroverError({ attempted: what, host: place.host.name, answer: `it runs on ${place.host.name}, and was not moved: somebody moved it meanwhile, or the Placement of cluster ${news.cluster.name} was left out of this run`,
        next: "run `pulumi up` again, with the Placement; nothing was changed" });
    }
    throw new DroverError({ attempted: what, host: place.host.name, answer: "it runs", next: `stop it first (running: false), or leave \`host\` at ${before.name}; nothing was changed` });
  }
  const local = poolsOf(news).find((pool) => !pool.shared);
  if (local !== undefined) throw new DroverError({ attempted: what, host: place.host.name, answer: `storage pool ${local.name} is not shared`, next: "only VMs whose disks are in shared pools move" });
  const ties = await tiesOf(place.host, place.domain, place.definition.root);
  if (ties.length > 0) throw new DroverError({ attempted: what, host: place.host.name, answer: `it does not run, and ${ties.join(", and ")}`, next: `${UNTIE}. Nothing was changed` });
  const moved = await define(hostAt(target), place.definition);
  await undefineMoved(place);
  return moved;
}

/** A guest that somebody migrated by hand, without its definition, would be gone at its next stop. */
async function persistent(place: DefinedDomain): Promise<DefinedDomain> {
  const { persistent: isPersistent } = await place.host.libvirt.domainIsPersistent({ dom: place.domain });
  return isPersistent === 1 ? place : await define(place.host, place.definition);
}

function sameHost(a: { readonly uri: string; readonly owner: string }, b: { readonly uri: string; readonly owner: string }): boolean {
  return a.uri === b.uri || a.owner === b.owner;
}

function renamed(place: DomainPlace, mark: Mark): DroverError {
  return new DroverError({ attempted: `make a VM beside ${place.domain.name}`, host: place.host.name, answer: `the program made ${place.domain.name} under this name, and calls it ${mark.urn} today`,
    next: "call this one something else in the program, and give it another `name`" });
}

function notOurs(place: DomainPlace): DroverError {
  return new DroverError({ attempted: `change VM ${place.domain.name}`, host: place.host.name, answer: "its definition does not carry Drover's mark: somebody made it anew", next: "look at it; to let it go, remove it from the state: `pulumi state delete URN`" });
}

/** Destroying a VM always ends in power-off: its owner asked for its end. */
async function stopAndUndefine(ctx: Context, place: DomainPlace, inputs: VirtualMachineInputs): Promise<void> {
  if (isActive(place.state)) {
    // Without a definition it would be gone when it has stopped, and with it whether it has.
    const { definition } = await withDefinition(place).then(persistent);
    if (inputs.ha !== undefined && definition.mark !== undefined) await markDeleting(place, definition.mark);
    await stopDomain(place, { timeoutSeconds: inputs.shutdown?.timeoutSeconds ?? 120, onTimeout: "power-off" }, ctx.log);
    if (isActive(await stateOf(place.host, place.domain))) await destroyDomain(place);
  }
  await undefine(place);
}

async function deleteVolumes(place: DomainPlace | undefined, { asked }: DomainSearch, uuid: string, { inputs, outputs }: { readonly inputs: VirtualMachineInputs; readonly outputs: VirtualMachineOutputs }): Promise<void> {
  // Where the VM was placed may be dead; any host of a shared pool will do.
  const through = ({ shared, hosts }: PoolAddress): ConnectedHost => {
    const own = asked.find(({ address }) => address.uri === inputs.host.uri);
    const other = shared ? asked.find(({ address }) => hosts.some(({ uri }) => uri === address.uri)) : undefined;
    return place?.host ?? own ?? other ?? hostAt(inputs.host);
  };
  for (const [name, disk] of Object.entries(inputs.disks ?? {})) {
    const volume = outputs.volumes[name];
    if (disk.disk !== undefined || disk.onDestroy === "keep" || volume === undefined) continue;
    const pool = poolOf(name, disk);
    await deleteOwnVolume(through(pool), pool, volume, claimOf(uuid, name));
  }
  if (inputs.cloudInit === undefined) return;
  const seed = seedImage(inputs, uuid);
  const pool = seedPool(inputs);
  if (seed !== undefined) await deleteOwnVolume(through(pool), pool, seed.volume, seedClaim(uuid));
}
