import fc from "fast-check";
import type { Inventory, PlanHost, PlanVm, RuleSpec } from "../../../provider/plan/index.js";

// The same inventories at each run: a change is not blamed for what another seed finds. The long form draws others each time.
if (process.env["DROVER_PLAN_RUNS"] === undefined) fc.configureGlobal({ seed: 20_261_123 });

/** How large random inventories are. */
export interface Limits {
  readonly hosts: number;
  readonly vms: number;
  readonly rules: number;
  /** Is a rule about losses among them? Each place that is tried for a VM then asks what would become of them, which takes long. */
  readonly survive?: boolean;
  /** Does it have all that the model knows: NUMA cells, overcommit, networks, what others made, …? Those who look at every assignment do without. */
  readonly full?: boolean;
}

/**
 * Random inventories: hosts of some racks (or of none), sizes and states, VMs of which most run somewhere (whether or not they
 * fit), and rules of every kind about some of them, over hosts and over racks.
 */
export function inventories({ hosts, vms, rules, survive = false, full = false }: Limits): fc.Arbitrary<Inventory> {
  return fc.tuple(fc.integer({ min: 1, max: hosts }), fc.integer({ min: 0, max: vms })).chain(([hostCount, vmCount]) => {
    const hostNames = Array.from({ length: hostCount }, (_, i) => `h${i}`);
    const vmNames = Array.from({ length: vmCount }, (_, i) => `v${i}`);
    return fc.record({
      hosts: fc.tuple(...hostNames.map((name) => (full ? fullHost(name) : host(name)))),
      vms: fc.tuple(...vmNames.map((name) => (full ? fullVm(name, hostNames) : vm(name, hostNames)))),
      rules: vmCount === 0 ? fc.constant([]) : fc.tuple(fc.array(full ? fc.oneof({ weight: 9, arbitrary: rule(hostNames, vmNames) }, { weight: 1, arbitrary: affinity(vmNames) }) : rule(hostNames, vmNames), { maxLength: rules }), survive ? reserve(vmNames).map((each) => [each]) : fc.constant([])).map((each) => each.flat()),
    }).map(withRacksThatThereAre).map(withCellsThatThereAre);
  });
}

/** A rule about a rack that no host is in would be a mistake: it is about another, or about hosts where no host is in any. */
function withRacksThatThereAre({ hosts, vms, rules }: { readonly hosts: readonly PlanHost[]; readonly vms: readonly PlanVm[]; readonly rules: readonly RuleSpec[] }): Inventory {
  const racks = hosts.flatMap(({ labels }) => labels?.["rack"] ?? []);
  const [first] = racks;
  return {
    hosts, vms,
    rules: rules.filter(({ kind }) => kind !== "affinity" || first !== undefined).map(({ rack, ...spec }): RuleSpec => {
      if (spec.kind === "affinity") return { ...spec, hostLabels: { rack: racks.find((each) => each === rack) ?? first ?? "" } };
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

/** Most have none of it, so that there is something to plan. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

function without<T extends object>(thing: T): T {
  return Object.fromEntries(Object.entries(thing).filter(([, value]) => value !== undefined)) as T;
}

function fullHost(name: string): fc.Arbitrary<PlanHost> {
  const link = fc.constantFrom(100, 1_000, 10_000);
  return fc.tuple(host(name), fc.record({
    numa: seldom(fc.integer({ min: 1, max: 3 })), overcommit: seldom(fc.record({ vcpus: fc.constantFrom(1.5, 2, 4) })), reserved: seldom(fc.constant({ memoryMib: 512, vcpus: 1 })),
    networks: seldom(fc.subarray(["front", "back"])), pools: seldom(fc.subarray(["ssd", "disk"])), cpu: seldom(fc.record({ model: fc.constantFrom("Skylake", "Milan"), features: fc.subarray(["avx2", "vmx"]) })),
    link: seldom(fc.record({ inMbps: link, outMbps: link })),
  })).map(([plain, { numa, ...more }]) => without<PlanHost>({
    ...plain, ...more, ...(numa === undefined ? {} : { capacity: { vcpus: numa * 4, memoryMib: numa * 4096 }, numa: Array.from({ length: numa }, () => ({ capacity: { vcpus: 4, memoryMib: 4096 } })) }),
  } as PlanHost));
}

function fullVm(name: string, hostNames: readonly string[]): fc.Arbitrary<PlanVm> {
  return fc.tuple(vm(name, hostNames), fc.record({
    numaCells: seldom(fc.integer({ min: 1, max: 2 })), cells: fc.subarray([0, 1, 2], { minLength: 2 }), priority: seldom(fc.integer({ min: 0, max: 3 })), managed: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    networks: seldom(fc.constant(["front"])), pools: seldom(fc.constant(["ssd"])), cpu: seldom(fc.constant({ model: "Milan" })), dirtyRateMbps: seldom(fc.constantFrom(10, 100, 1_000)), memoryUsedMib: seldom(fc.integer({ min: 0, max: 2_000 })), reservation: seldom(fc.constant({ vcpus: 1 })),
    // Of what others made nothing is said of whether it shall run.
  })).map(([plain, { managed, ...more }]) => without({ ...plain, ...more, ...(managed || plain.host === undefined ? {} : { managed, running: undefined }) } as PlanVm));
}

function affinity(vmNames: readonly string[]): fc.Arbitrary<RuleSpec> {
  return fc.record({ kind: fc.constant("affinity"), vms: fc.uniqueArray(fc.constantFrom(...vmNames), { minLength: 1, maxLength: 4 }), rack: fc.constant("a"), avoid: fc.boolean(), hard: fc.boolean(), priority: fc.integer({ min: 1, max: 3 }), continuous: fc.boolean() });
}

/** A VM uses as many cells as it spans, which its host has, or else runs nowhere yet; one that spans none uses none. */
function withCellsThatThereAre(inventory: Inventory): Inventory {
  const cellsOf = new Map(inventory.hosts.map(({ name, numa = [] }) => [name, numa.length]));
  return {
    ...inventory,
    vms: inventory.vms.map(({ cells = [], ...each }) => {
      const { host: on, managed: _managed, ...nowhere } = each;
      if (each.numaCells === undefined || on === undefined) return each;
      const there = cells.filter((cell) => cell < (cellsOf.get(on) ?? 0)).slice(0, each.numaCells);
      return there.length === each.numaCells ? { ...each, cells: there } : nowhere;
    }),
  };
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
