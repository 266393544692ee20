import type { StackState, StateResource } from "../../cli/stack-state.js";
import type { Assignment, HostRef, PlacementInputs } from "../../provider/schema/index.js";
import { assignmentsOf, hostName, membersOf, memoryOf, uriOf, uuidOf, vmName, type FleetSize } from "../placement/fleet.js";
import { RECORDED, type Recorded } from "../placement/recorded.js";
import { mapObjects, mapTexts, nameOf } from "./texts.js";

/** So that of three hosts two have room for the VMs of all. */
export const OVERCOMMIT = { vcpus: 100, memory: 1.5 };

/** A reference to a shared pool names so many of its hosts. */
const HOSTS_IN_REF = 4;

/**
 * The state of a stack with a whole fleet, made of the one with two hosts and one VM: what Pulumi would have kept, had it made all that.
 * Whether it is right is told by a preview that finds nothing to do.
 */
export function fleetState(size: FleetSize, recorded: Recorded, folder: string): StackState {
  const exported = JSON.parse(recorded.state) as StackState;
  const first = recorded.inputs.hosts.find(({ host }) => host.owner === recorded.inputs.owner)?.host;
  if (first === undefined) throw new Error("the recorded cluster has no host that owns it");
  const fleet = new Fleet(size, recorded, folder, first);
  return { ...exported, deployment: { ...exported.deployment, resources: (exported.deployment.resources ?? []).flatMap((resource) => fleet.made(resource)) } };
}

class Fleet {
  readonly #hosts: readonly HostRef[];
  readonly #vms: readonly number[];
  readonly #places: Readonly<Record<string, Assignment>>;

  constructor(readonly size: FleetSize, readonly recorded: Recorded, folder: string, readonly template: HostRef) {
    this.#hosts = Array.from({ length: size.hosts }, (_, index) => {
      const name = hostName(index);
      // The first host is the owner of all that was recorded.
      return { name, uri: uriOf(folder, name), owner: index === 0 ? template.owner : uuidOf(`owner of ${name}`) };
    });
    this.#vms = Array.from({ length: size.vms }, (_, vm) => vm);
    this.#places = assignmentsOf(size, recorded.inputs, recorded.template, this.#hosts);
  }

  /** What a recorded resource becomes: as many, one, or none where it is one of many that another stands for. */
  made(resource: StateResource): StateResource[] {
    const kind = resource.type.slice(resource.type.lastIndexOf(":") + 1);
    const { name } = this.template;
    switch (kind) {
      case "Host": return nameOf(resource.urn) === name ? this.#hosts.map((host) => this.#host(resource, host)) : [];
      case "HostStoragePool": return nameOf(resource.urn) === `${RECORDED.pool}-${name}` ? this.#hosts.map((host) => this.#part(resource, host)) : [];
      case "VirtualMachine": {
        const resting = this.#resting(resource, HOSTS_IN_REF);
        return this.#vms.map((vm) => this.#vm(resting, vm));
      }
      case "Placement": return [this.#placement(resource)];
      default: return [this.#resting(resource, HOSTS_IN_REF)];
    }
  }

  #host(resource: StateResource, host: HostRef): StateResource {
    return { ...this.#of(resource, host), id: host.owner };
  }

  #part(resource: StateResource, host: HostRef): StateResource {
    const peers = this.#hosts.filter((peer) => peer !== host).slice(0, HOSTS_IN_REF);
    const own = { owner: this.template.owner, peers };
    const part = this.#of(resource, host);
    const urnOf = (each: HostRef): string => resource.propertyDependencies?.["host"]?.map((urn) => renamed(urn, this.template.name, each.name))[0] ?? "";
    const propertyDependencies = { ...part.propertyDependencies, host: [urnOf(host)], owner: this.#hosts.slice(0, 1).map(urnOf), peers: peers.map(urnOf) };
    return { ...part, inputs: { ...part.inputs, ...own }, outputs: { ...part.outputs, ...own }, propertyDependencies, dependencies: [...new Set(Object.values(propertyDependencies).flat())] };
  }

  #vm(resource: StateResource, vm: number): StateResource {
    const { vm: name, vmUuid } = this.recorded.template;
    const place = this.#places[vmName(vm)];
    if (place === undefined) throw new Error(`${vmName(vm)} is nowhere`);
    const host = { name: place.name, uri: place.uri, owner: place.owner };
    const memory = memoryOf(vm, this.recorded.template);
    const own = { host, memory, planned: { ...(resource.inputs?.["planned"] ?? {}), memory }, runsOn: host.name };
    const { runsOn: _, ...inputs } = own;
    const made = mapTexts(resource, (text) => text.replaceAll(name, vmName(vm)).replaceAll(vmUuid, uuidOf(vmName(vm))));
    return { ...made, inputs: { ...made.inputs, ...inputs }, outputs: { ...made.outputs, ...own } };
  }

  #placement(resource: StateResource): StateResource {
    const { inputs, template } = this.recorded;
    const [declared] = inputs.hosts;
    const fleet: Partial<PlacementInputs> = {
      hosts: this.#hosts.map((host) => ({ ...declared, host })), vms: membersOf(this.size, inputs, template), assignments: this.#places, overcommit: OVERCOMMIT,
      plan: { moves: [], starts: {}, seconds: 0, violations: [], violationsAfter: [] },
    };
    const made = this.#resting(resource, Infinity);
    return { ...made, inputs: { ...made.inputs, ...fleet }, outputs: { ...made.outputs, ...fleet } };
  }

  /** What rests on a pool: references name its first hosts, and of hosts and parts it depends on as many as it did of two. */
  #resting(resource: StateResource, mostHosts: number): StateResource {
    const hosts = this.#hosts.slice(0, HOSTS_IN_REF);
    const isPool = (value: Readonly<Record<string, unknown>>): boolean => value["shared"] === true && Array.isArray(value["hosts"]);
    const made = mapObjects({ inputs: resource.inputs ?? {}, outputs: resource.outputs ?? {} }, (value) => (isPool(value) ? { ...value, hosts } : value)) as Pick<StateResource, "inputs" | "outputs">;
    const { propertyDependencies, dependencies } = resource;
    return {
      ...resource,
      ...(resource.inputs === undefined ? {} : { inputs: made.inputs ?? {} }),
      ...(resource.outputs === undefined ? {} : { outputs: made.outputs ?? {} }),
      ...(dependencies === undefined ? {} : { dependencies: this.#spread(dependencies, mostHosts) }),
      ...(propertyDependencies === undefined ? {} : { propertyDependencies: Object.fromEntries(Object.entries(propertyDependencies).map(([name, urns]) => [name, this.#spread(urns ?? [], mostHosts)])) }),
    };
  }

  /** URNs of both recorded hosts, or of their parts of the pool, become those of all; of one, it stays one: the first, or the last. */
  #spread(urns: readonly string[], mostHosts: number): string[] {
    const both = this.recorded.inputs.hosts.map(({ host }) => host.name);
    const spread = urns.flatMap((urn) => {
      const name = nameOf(urn);
      const of = both.find((host) => name === host || name === `${RECORDED.pool}-${host}`);
      if (of === undefined) return [urn];
      const others = urns.filter((other) => both.some((host) => other === renamed(urn, of, host)));
      const chosen = others.length > 1 ? this.#hosts.slice(0, name === of ? mostHosts : undefined) : this.#hosts.slice(...(of === both[0] ? [0, 1] : [-1]));
      return chosen.map((host) => renamed(urn, of, host.name));
    });
    return [...new Set(spread)];
  }

  /** Everything of the recorded host that is said in the resource, as another host says it. */
  #of(resource: StateResource, host: HostRef): StateResource {
    const { name, uri, owner } = this.template;
    const said = new Map([[uri, host.uri], [owner, host.owner], [this.recorded.template.hostUuid, uuidOf(host.name)]]);
    return mapTexts(resource, (text) => said.get(text) ?? renamed(text, name, host.name));
  }
}

/** A name, a URN or a key in which a host's name is the end. */
function renamed(text: string, from: string, to: string): string {
  const name = nameOf(text);
  return name === from || name === `${RECORDED.pool}-${from}` ? text.slice(0, text.length - from.length) + to : text;
}
