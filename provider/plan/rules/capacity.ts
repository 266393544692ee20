import { available, availableOfCell, TOLERANCE } from "../amounts.js";
import { type RuleKind } from "./rule.js";

/** No host, and no NUMA cell, is promised more than it has, with overcommit and without what is kept for itself. Always kept. */
export const capacity: RuleKind = {
  kind: "capacity",
  properties: {},
  required: [],
  always: true,

  // The solver's own: capacities are the one thing that every slot has.
  compile() {},

  check(_spec, view) {
    return view.hosts.flatMap((host) => {
      const on = view.on(host.name);
      const findings = over(available(host), on.map(({ demand }) => demand)).map(({ resource, used, has }) => (
        { text: `${host.name} has ${has} ${resource} and is promised for ${used}`, vms: on.map(({ name }) => name), hosts: [host.name] }));
      for (const [index, cell] of (host.numa ?? []).entries()) {
        const spanning = on.filter((vm) => vm.numaCells !== undefined && (view.placeOf(vm.name)?.cells ?? []).includes(index));
        const shares = spanning.map(({ demand, numaCells = 1 }) => Object.fromEntries(Object.entries(demand).map(([resource, amount]) => [resource, amount / numaCells])));
        findings.push(...over(availableOfCell(host, cell), shares, Infinity).map(({ resource, used, has }) => (
          { text: `NUMA cell ${index} of ${host.name} has ${has} ${resource} and is promised for ${used}`, vms: spanning.map(({ name }) => name), hosts: [host.name] })));
      }
      return findings;
    });
  },
};

/**
 * Resources of which more is promised than there is.
 * @param unnamed what there is of a resource that is not named: none of a host, and of a cell as much as is wanted
 */
function over(has: Readonly<Record<string, number>>, demands: readonly Readonly<Record<string, number>>[], unnamed = 0): { resource: string; used: number; has: number }[] {
  const used = new Map<string, number>();
  for (const demand of demands) for (const [resource, amount] of Object.entries(demand)) used.set(resource, (used.get(resource) ?? 0) + amount);
  return [...used].filter(([resource, amount]) => amount > (has[resource] ?? unnamed) + TOLERANCE).map(([resource, amount]) => (
    { resource, used: Math.round(amount * 1000) / 1000, has: has[resource] ?? unnamed }));
}
