import fc from "fast-check";
import type { Inventory, PlanHost, PlanVm, RuleSpec } from "../../../provider/plan/index.js";

/** How large random inventories are. */
export interface Limits {
  readonly hosts: number;
  readonly vms: number;
  readonly rules: number;
}

/**
 * Random inventories: hosts of some racks, sizes and states, VMs of which most run somewhere (whether or not they fit), and
 * rules of every kind about some of them.
 */
export function inventories({ hosts, vms, rules }: Limits): fc.Arbitrary<Inventory> {
  return fc.tuple(fc.integer({ min: 1, max: hosts }), fc.integer({ min: 0, max: vms })).chain(([hostCount, vmCount]) => {
    const hostNames = Array.from({ length: hostCount }, (_, i) => `h${i}`);
    const vmNames = Array.from({ length: vmCount }, (_, i) => `v${i}`);
    return fc.record({
      hosts: fc.tuple(...hostNames.map(host)),
      vms: fc.tuple(...vmNames.map((name) => vm(name, hostNames))),
      rules: vmCount === 0 ? fc.constant([]) : fc.array(rule(hostNames, vmNames), { maxLength: rules }),
    });
  });
}

function host(name: string): fc.Arbitrary<PlanHost> {
  return fc.record({
    name: fc.constant(name),
    capacity: fc.record({ vcpus: fc.integer({ min: 2, max: 16 }), memoryMib: fc.integer({ min: 2, max: 16 }).map((gib) => gib * 1024) }),
    labels: fc.record({ rack: fc.constantFrom("a", "b", "c") }),
    state: fc.oneof({ weight: 8, arbitrary: fc.constant("up" as const) }, { weight: 1, arbitrary: fc.constantFrom("maintenance" as const, "leaving" as const, "off" as const, "lost" as const, "unknown" as const) }),
  });
}

function vm(name: string, hostNames: readonly string[]): fc.Arbitrary<PlanVm> {
  return fc.record({
    name: fc.constant(name),
    demand: fc.record({ vcpus: fc.integer({ min: 1, max: 4 }), memoryMib: fc.integer({ min: 1, max: 6 }).map((half) => half * 512) }),
    place: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...hostNames) }, { weight: 1, arbitrary: fc.constant(undefined) }),
    labels: fc.record({ app: fc.constantFrom("web", "db") }),
    running: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    movable: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  }).map(({ place, ...rest }) => ({ ...rest, ...(place === undefined ? {} : { host: place }) }));
}

function rule(hostNames: readonly string[], vmNames: readonly string[]): fc.Arbitrary<RuleSpec> {
  const vms = fc.uniqueArray(fc.constantFrom(...vmNames), { minLength: 1, maxLength: 4 });
  const hosts = fc.uniqueArray(fc.constantFrom(...hostNames), { minLength: 1 });
  const base = { hard: fc.boolean(), priority: fc.integer({ min: 1, max: 3 }), continuous: fc.boolean() };
  const across = fc.constant("host");
  return fc.oneof(
    fc.record({ kind: fc.constant("ban"), vms, hosts, ...base }),
    fc.record({ kind: fc.constant("fence"), vms, hosts, ...base }),
    fc.record({ kind: fc.constant("pin"), vms, ...base }),
    fc.record({ kind: fc.constant("gather"), vms, across, ...base }),
    fc.record({ kind: fc.constant("separate"), vms, across, ...base }),
    fc.record({ kind: fc.constant("spread"), vms, across, maxSkew: fc.integer({ min: 1, max: 2 }), ...base }),
    fc.record({ kind: fc.constant("spread"), vms, across, minDomains: fc.integer({ min: 1, max: 3 }), ...base }),
    fc.record({ kind: fc.constant("exclusive"), vms, ...base }),
    fc.record({ kind: fc.constant("quota"), vms, hosts, most: fc.integer({ min: 0, max: 3 }), ...base }),
    fc.record({ kind: fc.constant("online"), hosts, most: fc.integer({ min: 1, max: 5 }), ...base }),
  );
}
