import { isDeepStrictEqual } from "node:util";
import type { Change, HostNetworkInputs } from "../../schema/index.js";
import { networkUpdates, pendingNetworkChanges, type NetworkDocument, type NetworkSpec } from "../../xml/index.js";

/** What is declared, as the document says it. */
export function managed(inputs: HostNetworkInputs): Omit<NetworkSpec, "name" | "uuid"> {
  return {
    forward: inputs.forward,
    bridge: inputs.bridge,
    address: inputs.address,
    mtu: inputs.mtu,
    domain: inputs.dns?.domain,
    dhcpRanges: Object.values(inputs.dhcp?.ranges ?? {}),
    dhcpHosts: Object.entries(inputs.dhcp?.hosts ?? {}).map(([name, { mac, ip }]) => ({ name, mac: mac.toLowerCase(), ip })),
    dnsHosts: inputs.dns?.hosts ?? {},
  };
}

/** The two documents of a network: what it starts with next, and what it runs with. */
export interface NetworkState {
  readonly definition: NetworkDocument;
  /** `undefined` while it does not run. */
  readonly live: NetworkDocument | undefined;
}

/**
 * The inputs as they would be declared today. What waits for a restart is as it was declared, as long as guests are in the
 * restart's way; after that it is a difference like any other, so that the next `up` restarts the network.
 */
export function observed(inputs: HostNetworkInputs, { definition, live }: NetworkState, hasGuests: boolean): HostNetworkInputs {
  if (differs(inputs, definition)) return inputsOf(inputs, definition);
  if (live === undefined) return inputs;
  if (!hasGuests && pendingNetworkChanges(live, definition).length > 0) return inputsOf(inputs, live);
  if (networkUpdates(live, definition).length === 0) return inputs;
  return inputsOf(inputs, definition.clone().apply({ dhcpRanges: live.dhcpRanges, dhcpHosts: live.dhcpHosts, dnsHosts: live.dnsHosts }));
}

/** What an adoption would change of the network that is there. */
export function adoptionChanges(inputs: HostNetworkInputs, { definition, live }: NetworkState): Change[] {
  const there = differs(inputs, definition) ? inputsOf(inputs, definition) : inputs;
  const rows: readonly (readonly [string, unknown, unknown, Change["when"]])[] = [
    ["active", live !== undefined, true, "live"],
    ["forward", definition.forward, inputs.forward, "restart"],
    ["bridge", inputs.bridge === undefined ? undefined : definition.bridge, inputs.bridge, "restart"],
    ["address", there.address, inputs.address, "restart"],
    ["mtu", there.mtu, inputs.mtu, "restart"],
    ["dhcp", there.dhcp, inputs.dhcp, "live"],
    ["dns", there.dns, inputs.dns, "live"],
  ];
  const words = (value: unknown): string => value === undefined ? "none" : JSON.stringify(value);
  return rows.filter(([, before, after]) => !isDeepStrictEqual(before, after)).map(([property, before, after, when]) => ({ property: `${property}: ${words(before)} → ${words(after)}`, when }));
}

function differs(inputs: HostNetworkInputs, document: NetworkDocument): boolean {
  return document.clone().apply(managed(inputs)).format() !== document.format();
}

/** The inputs that a document stands for. Ranges keep the names that they have in the declaration. */
function inputsOf(inputs: HostNetworkInputs, document: NetworkDocument): HostNetworkInputs {
  const { dhcp, dns, address: declaredAddress, mtu: declaredMtu, ...rest } = inputs;
  const { address, mtu, forward, bridge } = document;
  const ranges = Object.fromEntries(document.dhcpRanges.map((range, index) => {
    const known = Object.entries(dhcp?.ranges ?? {}).find(([, each]) => isDeepStrictEqual(each, range));
    return [known?.[0] ?? `range${index + 1}`, range];
  }));
  const hosts = Object.fromEntries(document.dhcpHosts.map(({ name, mac, ip }) => {
    const known = Object.values(dhcp?.hosts ?? {}).find((each) => each.mac.toLowerCase() === mac);
    return [name ?? mac, { mac: known?.mac ?? mac, ip }];
  }));
  const { domain, dnsHosts } = document;
  const nowDhcp = { ...present("ranges", ranges, dhcp?.ranges), ...present("hosts", hosts, dhcp?.hosts) };
  const nowDns = { ...(domain === undefined ? {} : { domain }), ...present("hosts", dnsHosts, dns?.hosts) };
  return {
    ...rest,
    ...(forward === "bridge" || forward === "nat" || forward === "isolated" ? { forward } : {}),
    ...(inputs.bridge === undefined || bridge === undefined ? {} : { bridge }),
    ...(address === undefined ? {} : { address }), ...(mtu === undefined ? {} : { mtu }),
    ...present("dhcp", nowDhcp, dhcp), ...present("dns", nowDns, dns),
  };
}

/** A record under its name; nothing where it is empty and nobody declared it. */
function present<Name extends string, T extends object>(name: Name, now: T, declared: T | undefined): Partial<Record<Name, T>> {
  if (Object.keys(now).length === 0 && declared === undefined) return {};
  return { [name]: now } as Partial<Record<Name, T>>;
}
