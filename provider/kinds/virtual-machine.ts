import * as pulumi from "@pulumi/pulumi";
import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { destroyDomain, stopDomain } from "../apply/stop.js";
import { DroverError } from "../base/error.js";
import { containsUnknown } from "../engine/difference.js";
import { PartialFailure, type Context, type Handler } from "../engine/handler.js";
import { DroverResource, qualifiedName, resourceType, withoutDependencies } from "../engine/resource.js";
import { hostsOf, isActive, lookupDomain, placeOf, searchDomain, silence, stateOf, type DomainPlace, type DomainSearch } from "../inventory/domains.js";
import { hostAt, type ConnectedHost } from "../inventory/hosts.js";
import { derivedUuid } from "../inventory/identity.js";
import type { HostRef, VirtualMachineArgs, VirtualMachineInputs, VirtualMachineOutputs } from "../schema/index.js";
import type { Mark } from "../xml/index.js";
import type { Cluster } from "./cluster.js";
import { memberName, memberOf, namedHa, type HaProps } from "./cluster/member.js";
import { lockOut } from "./placement/index.js";
import { checkVm } from "./vm/check.js";
import { adoptionChanges, claimDevices } from "./vm/adopt.js";
import { converge, refuse, type Goal } from "./vm/converge.js";
import { claimOf, deleteOwnVolume, seedClaim, poolOf, poolsOf, seedImage, seedPool } from "./vm/disks.js";
import { define, definitionOf, isAdopted, markOf, release, removeLeftovers, stateName, markDeleting, undefine, withDefinition, type DefinedDomain } from "./vm/domain.js";
import { observe } from "./vm/observe.js";
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
    const search = await searchEverywhere(inputs, uuid, [inputs.host]);
    const found = search.places.length === 0 ? undefined : placeOf(search, `VM ${inputs.name ?? uuid}`, inputs.host.name);
    const adopted = found === undefined && inputs.adopt ? await adopt(inputs) : undefined;
    const domain = found === undefined ? adopted : await withDefinition(found);
    if (found !== undefined && domain?.definition.mark !== undefined && domain.definition.mark.urn !== key) throw renamed(found, domain.definition.mark);
    const goal: Goal = { uuid: adopted?.domain.uuid ?? uuid, inputs, mark: markOf(owner, key, adopted !== undefined || isAdopted(domain?.definition.mark)) };
    await refuse(goal, domain);
    return { id: goal.uuid, outputs: await partially(goal, () => converge(ctx, goal, domain, () => { refuseSilent(search, inputs); })) };
  },

  async read(ctx, { id, olds }) {
    const place = placeOf(await searchEverywhere(olds.inputs, id, knownHosts(olds)), `VM ${olds.inputs.name ?? id}`, olds.outputs.runsOn);
    if (place === undefined) return undefined;
    return { id, ...(await observe(ctx, place, olds)) };
  },

  async update(ctx, { id, olds, news, key }) {
    await keepGuardsOut(ctx, news);
    const search = await searchEverywhere(news, id, [news.host, ...knownHosts(olds)]);
    const found = placeOf(search, `VM ${news.name ?? id}`, olds.outputs.runsOn);
    const defined = found === undefined ? undefined : await withDefinition(found);
    const mark = defined?.definition.mark;
    if (defined !== undefined && mark === undefined) throw notOurs(defined);
    const domain = defined === undefined ? undefined : await moveDefinition(await persistent(defined), olds.inputs.host, news);
    if (domain !== undefined) await removeLeftovers(search.places.filter((each) => each !== found), domain);
    const goal: Goal = { uuid: id, inputs: news, olds, mark: mark ?? markOf(ownerOf(news), key, false) };
    await refuse(goal, domain);
    return await converge(ctx, goal, domain, () => { refuseSilent(search, news); });
  },

  async rekey(_ctx, { id, news, outputs, newKey }) {
    const place = placeOf(await searchEverywhere(news, id, [news.host]), `VM ${news.name ?? id}`, outputs.runsOn);
    if (place === undefined) return;
    const { definition } = await withDefinition(place);
    const { mark } = definition;
    if (mark !== undefined && mark.urn !== newKey) await define(place.host, definition.clone().apply({ mark: { ...mark, urn: newKey } }));
  },

  async delete(ctx, { id, olds }) {
    const { inputs } = olds;
    await keepGuardsOut(ctx, inputs);
    const search = await searchEverywhere(inputs, id, knownHosts(olds));
    const place = placeOf(search, `VM ${inputs.name ?? id}`, olds.outputs.runsOn);
    if (search.silent.length > 0) throw silence(search, `all of VM ${inputs.name ?? id}`);
    if (place !== undefined) {
      const { mark } = await definitionOf(place);
      if (mark === undefined) throw notOurs(place);
      if (isAdopted(mark)) {
        await release(place);
        return;
      }
      await removeLeftovers(search.places, place);
      await stopAndUndefine(ctx, place, inputs);
    }
    await deleteVolumes(place?.host ?? hostAt(inputs.host), id, olds);
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

function searchEverywhere(inputs: VirtualMachineInputs, uuid: string, hosts: readonly HostRef[]): Promise<DomainSearch> {
  return hostsOf(inputs.host, poolsOf(inputs)).then((all) => {
    // Whether anything runs on a host that was declared dead, nobody can ask: an operator answered for it.
    const alive = [...all, ...hosts].filter(({ uri }) => inputs.cluster?.dead?.includes(uri) !== true);
    const byUri = new Map(alive.map((host) => [host.uri, host]));
    return searchDomain(uuid, [...byUri.values()]);
  });
}

function knownHosts(olds: { readonly inputs: VirtualMachineInputs }): HostRef[] {
  return [olds.inputs.host];
}

/** A new VM may be made while another host is silent, for it never ran; one whose disks held data may run there. */
function refuseSilent(search: DomainSearch, inputs: VirtualMachineInputs): void {
  if (search.silent.length > 0) throw silence(search, `VM ${inputs.name ?? "the VM"}, which may run there`);
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
  const moved = await define(hostAt(target), place.definition);
  await undefine(place);
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

async function deleteVolumes(host: ConnectedHost, uuid: string, { inputs, outputs }: { readonly inputs: VirtualMachineInputs; readonly outputs: VirtualMachineOutputs }): Promise<void> {
  for (const [name, disk] of Object.entries(inputs.disks ?? {})) {
    const volume = outputs.volumes[name];
    if (disk.disk !== undefined || disk.onDestroy === "keep" || volume === undefined) continue;
    await deleteOwnVolume(host, poolOf(name, disk), volume, claimOf(uuid, name));
  }
  if (inputs.cloudInit === undefined) return;
  const seed = seedImage(inputs, uuid);
  if (seed !== undefined) await deleteOwnVolume(host, seedPool(inputs), seed.volume, seedClaim(uuid));
}
