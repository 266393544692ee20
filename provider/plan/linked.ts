import type { Amounts, Inventory, Labels, LinkedPart, PlanHost, PlanVm, RuleSpec } from "./model.js";

/** What a part is called wherever VMs are named. */
export function partName(vm: string, part: string): string {
  return `${vm}/${part}`;
}

/** What messages call the rule that keeps a VM and its parts apart. */
export function partsRuleName(vm: string): string {
  return `parts of ${vm}`;
}

/**
 * The inventory with each linked part as a VM of its own, and a rule for each VM that keeps it and its parts apart at every
 * moment: what plans, schedules and judges needs to know nothing of parts. Hosts have their domains named by the tree that they are
 * in, and what is reserved is a resource of its own. An inventory without any of these is returned as it is.
 */
export function unlinked(declared: Inventory): Inventory {
  const inventory = withReservations(withDomains(declared));
  if (!inventory.vms.some(({ linked }) => linked !== undefined)) return inventory;
  const rules = inventory.vms.flatMap(({ name, linked = [] }): RuleSpec[] => (
    linked.length === 0 ? [] : [{ kind: "separate", name: partsRuleName(name), vms: [name, ...linked.map((part) => partName(name, part.name))], continuous: true }]));
  return {
    ...inventory,
    vms: inventory.vms.flatMap(({ linked = [], ...vm }): PlanVm[] => [vm, ...linked.map((part) => asVm(vm, part))]),
    // Declared rules keep their places in the list, by which messages call them.
    rules: [...(inventory.rules ?? []), ...rules],
  };
}

/** Of `reserved vcpus` a host has what it has of vcpus, once, and guests demand what they reserve. */
function withReservations(inventory: Inventory): Inventory {
  const resources = [...new Set(inventory.vms.flatMap(({ reservation = {} }) => Object.keys(reservation)))];
  if (resources.length === 0) return inventory;
  const named = (amounts: readonly (readonly [string, number])[]): Amounts => Object.fromEntries(amounts.map(([resource, amount]) => [`reserved ${resource}`, amount]));
  return {
    ...inventory,
    hosts: inventory.hosts.map((host) => ({ ...host, capacity: { ...host.capacity, ...named(resources.flatMap((resource) => (host.capacity[resource] === undefined ? [] : [[resource, Math.max(0, host.capacity[resource] - (host.reserved?.[resource] ?? 0))]]))) } })),
    vms: inventory.vms.map(({ reservation, ...vm }) => (reservation === undefined ? vm : { ...vm, demand: { ...vm.demand, ...named(Object.entries(reservation)) } })),
  };
}

function withDomains(inventory: Inventory): Inventory {
  const { domains = [] } = inventory;
  return domains.length < 2 ? inventory : { ...inventory, hosts: inventory.hosts.map((host) => ({ ...host, domains: domainsIn(host, domains) })) };
}

/** A domain is called by those that it lies in, and one that does not say in which it lies is in one of its own. */
function domainsIn(host: PlanHost, domains: readonly string[]): Labels {
  const names: string[] = [];
  return Object.fromEntries(domains.map((label) => {
    names.push(host.labels?.[label] ?? `${host.name} (no ${label})`);
    return [label, names.join("/")];
  }));
}

function asVm({ name: owner, priority, managed }: PlanVm, { name, copyMib, ...part }: LinkedPart): PlanVm {
  return {
    ...part, name: partName(owner, name), memoryUsedMib: copyMib ?? part.demand["diskMib"] ?? part.demand["memoryMib"] ?? 0,
    ...(priority === undefined ? {} : { priority }), ...(managed === undefined ? {} : { managed }),
  };
}
