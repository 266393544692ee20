import fc from "fast-check";
import type { Inventory, PlanHost, PlanVm, RuleSpec } from "../../../provider/plan/index.js";

// The same inventories at each run: a change is not blamed for what another seed finds. The long form draws others each time.
if (process.env["DROVER_PLAN_RUNS"] === undefined) fc.configureGlobal({ seed: 20_261_123 });

/** How large random inventories are. */
export interface Limits {
  readonly hosts: number;
  readonly vms: number;
  readonly rules: number;
  /**
   * Is a rule about losses among them? Each place that is tried for a VM then asks what would become of them, which takes long.
   * Then none is pinned: one that is started now is pinned from then on, and that nothing restarts it is for the next plan to say.
   */
  readonly survive?: boolean;
}

/**
 * Random inventories: hosts of some racks (or of none), sizes and states, VMs of which most run somewhere (whether or not they
 * fit), and rules of every kind about some of them, over hosts and over racks.
 */
export function inventories({ hosts, vms, rules, survive = false }: Limits): fc.Arbitrary<Inventory> {
  return fc.tuple(fc.integer({ min: 1, max: hosts }), fc.integer({ min: 0, max: vms })).chain(([hostCount, vmCount]) => {
    const hostNames = Array.from({ length: hostCount }, (_, i) => `h${i}`);
    const vmNames = Array.from({ length: vmCount }, (_, i) => `v${i}`);
    return fc.record({
      hosts: fc.tuple(...hostNames.map(host)),
      vms: fc.tuple(...vmNames.map((name) => vm(name, hostNames))),
      rules: vmCount === 0 ? fc.constant([]) : fc.tuple(fc.array(rule(hostNames, vmNames).filter(({ kind }) => !survive || kind !== "pin"), { maxLength: rules }), survive ? reserve(vmNames).map((each) => [each]) : fc.constant([])).map((each) => each.flat()),
    }).map(withRacksThatThereAre);
  });
}

/** A rule about a rack that no host is in would be a mistake: it is about another, or about hosts where no host is in any. */
function withRacksThatThereAre({ hosts, vms, rules }: { readonly hosts: readonly PlanHost[]; readonly vms: readonly PlanVm[]; readonly rules: readonly RuleSpec[] }): Inventory {
  const racks = hosts.flatMap(({ labels }) => labels?.["rack"] ?? []);
  const [first] = racks;
  return {
    hosts, vms,
    rules: rules.map(({ rack, ...spec }): RuleSpec => {
      if (first === undefined) return { ...spec, ...(spec["across"] === undefined ? {} : { across: "host" }), ...(rack === undefined ? {} : { hosts: hosts.map(({ name }) => name) }) };
      return rack === undefined ? spec : { ...spec, hosts: { labels: { rack: racks.find((each) => each === rack) ?? first } } };
    }),
  };
}

/** Without divisions that are uneven by VMs that nothing moves, of which the replay does not tell whether others could mend them. */
export function decidedRules({ hosts, vms, rules = [] }: Inventory): readonly RuleSpec[] {
  const unknown = hosts.filter(({ state }) => state === "unknown").map(({ name }) => name);
  const fixed = vms.filter((each) => each.managed === false || unknown.includes(each.host ?? "")).map(({ name }) => name);
  return rules.filter(({ kind, ...spec }) => kind !== "spread" || !Array.isArray(spec["vms"]) || !spec["vms"].some((name) => fixed.includes(String(name))));
}

function host(name: string): fc.Arbitrary<PlanHost> {
  return fc.record({
    name: fc.constant(name),
    capacity: fc.record({ vcpus: fc.integer({ min: 2, max: 16 }), memoryMib: fc.integer({ min: 2, max: 16 }).map((gib) => gib * 1024) }),
    labels: fc.oneof({ weight: 9, arbitrary: fc.record({ rack: fc.constantFrom("a", "b", "c") }) }, { weight: 1, arbitrary: fc.constant({}) }),
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
  const across = fc.constantFrom("host", "rack");
  const rack = fc.constantFrom("a", "b", "c");
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
    fc.record({ kind: fc.constant("quota"), vms, rack, most: fc.integer({ min: 0, max: 3 }), ...base }),
    fc.record({ kind: fc.constant("online"), hosts, most: fc.integer({ min: 1, max: 5 }), ...base }),
  );
}

/** Capacity is kept for the loss of any host, or rack. */
function reserve(vmNames: readonly string[]): fc.Arbitrary<RuleSpec> {
  return fc.record({
    kind: fc.constant("survive"), vms: fc.uniqueArray(fc.constantFrom(...vmNames), { minLength: 1, maxLength: 4 }), across: fc.constantFrom("host", "rack"), hard: fc.boolean(), priority: fc.integer({ min: 1, max: 3 }),
  });
}
