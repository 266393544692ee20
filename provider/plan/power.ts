import { available } from "./amounts.js";
import { setsOf } from "./losses.js";
import type { Action, Assignments, Inventory, Plan, PlanHost } from "./model.js";
import { carriedOut } from "./otherwise.js";
import { policyOf } from "./policies/index.js";
import type { ReadySeconds } from "./schedule/setting.js";
import { EXACT_HOSTS, EXACT_VMS } from "./stages.js";
import { replay } from "./verify.js";
import { byName } from "./view.js";

const DEFAULT_BOOT_SECONDS = 180;
const DEFAULT_SHUTDOWN_SECONDS = 60;

/**
 * Plans as the hosts' power stands.
 * @param readySeconds of hosts that count as up and are only being switched on: when each takes guests
 */
type PlanOf = (inventory: Inventory, readySeconds?: ReadySeconds) => Plan;

/**
 * Plans, and switches hosts on and off that may be (`power` of the host).
 *
 * On: where there is no plan without, as few as it takes, of as many the cheapest (exactly on a small inventory, by two orders on others); what goes to one of them begins once it is up. Off: where the
 * policy is `power_saving` with `EnableAutomaticHostPowerManagement` and `rebalance` is asked for, those that carry nothing, the
 * dearer first, but for `HostsInReserve` of them, and only where the plan without them would be empty. So the plan after
 * the plan switches nothing.
 */
export function planWithPower(inventory: Inventory, planOf: PlanOf): Plan {
  const found = planOf(inventory);
  if (!inventory.hosts.some(({ power }) => power !== undefined)) return found;
  const woken = found.outcome === "impossible" || waiting(inventory, found).length > 0 ? wake(inventory, found, planOf) : { on: [] as readonly PlanHost[], plan: found };
  if (woken === undefined) return found;
  const reserved = withReserve(inventory, woken, planOf);
  if (reserved.plan.outcome === "impossible") return reserved.plan;
  const needed = withoutNeedless(inventory, reserved, planOf);
  const off = needed.plan.isPartial ? [] : spare(inventory, needed, planOf);
  // A plan that was made with more hosts up is replayed with those that are.
  return needed.on.length + off.length === 0 && needed.plan === found ? found : joined(inventory, needed, off);
}

/** Hosts that are to be switched on, and the plan with them up. */
interface Woken {
  readonly on: readonly PlanHost[];
  readonly plan: Plan;
}

/** Plans with some hosts switched on; `undefined` where that does less than all of them together would. */
type Tried = (on: readonly PlanHost[]) => Woken | undefined;

/** As few hosts as do what all together would, and of as many the cheapest; `undefined` where all of them do not make it possible. */
function wake(inventory: Inventory, found: Plan, planOf: PlanOf): Woken | undefined {
  const candidates = sleepers(inventory, []);
  if (candidates.length === 0) return undefined;
  const all: Woken = { on: candidates, plan: planOn(inventory, candidates, planOf) };
  if (all.plan.outcome === "impossible") return undefined;
  const goal = waiting(inventory, all.plan);
  // With all of them no more could be started than without.
  if (found.outcome !== "impossible" && !isWorse(waiting(inventory, found), goal)) return { on: [], plan: found };
  const tried: Tried = (on) => {
    const plan = planOn(inventory, on, planOf);
    return plan.outcome === "impossible" || isWorse(waiting(inventory, plan), goal) ? undefined : { on, plan };
  };
  const isSmall = inventory.hosts.length <= EXACT_HOSTS && inventory.vms.length <= EXACT_VMS;
  return isSmall ? fewest(candidates, tried) ?? all : few(all, tried);
}

/** Looks at every set of hosts, the smallest first and then the cheapest. */
function fewest(candidates: readonly PlanHost[], tried: Tried): Woken | undefined {
  const sets = [...setsOf(candidates.length, candidates.length)].map((set) => set.flatMap((index) => candidates[index] ?? []));
  for (const on of sets.sort((a, b) => a.length - b.length || costOf(a) - costOf(b))) {
    const woken = tried(on);
    if (woken !== undefined) return woken;
  }
  return undefined;
}

/** The first hosts by their cost, or by their size, as many as it takes; and of those each is left out without which it is possible too. */
function few(all: Woken, tried: Tried): Woken {
  const firstOf = (order: readonly PlanHost[]): Woken => {
    let best = all;
    let [tooFew, enough] = [0, order.length];
    while (enough - tooFew > 1) {
      const count = Math.floor((tooFew + enough) / 2);
      const fewer = tried(order.slice(0, count));
      if (fewer === undefined) tooFew = count;
      else [best, enough] = [fewer, count];
    }
    for (const host of byCost(best.on, -1)) {
      if (best.on.length === 1) break;
      best = tried(best.on.filter((other) => other !== host)) ?? best;
    }
    return best;
  };
  const cheap = firstOf(all.on);
  if (cheap.on.length === 1) return cheap;
  const large = firstOf(bySize(all.on));
  return large.on.length < cheap.on.length || (large.on.length === cheap.on.length && costOf(large.on) < costOf(cheap.on)) ? large : cheap;
}

function costOf(hosts: readonly PlanHost[]): number {
  return hosts.reduce((sum, { power }) => sum + (power?.cost ?? 0), 0);
}

/** Those with the largest parts of all that these hosts have first. */
function bySize(hosts: readonly PlanHost[]): PlanHost[] {
  const amounts = new Map(hosts.map((host) => [host, available(host)]));
  const totals = new Map<string, number>();
  for (const each of amounts.values()) for (const [resource, amount] of Object.entries(each)) totals.set(resource, (totals.get(resource) ?? 0) + amount);
  const sizeOf = (host: PlanHost): number => Object.entries(amounts.get(host) ?? {}).reduce((sum, [resource, amount]) => sum + amount / Math.max(1e-9, totals.get(resource) ?? 0), 0);
  return [...hosts].sort((a, b) => sizeOf(b) - sizeOf(a));
}

/** The plan with these hosts switched on at its beginning. */
function planOn(inventory: Inventory, on: readonly PlanHost[], planOf: PlanOf): Plan {
  return planOf(withStates(inventory, on, "up"), new Map(on.map((host) => [host.name, bootSecondsOf(host)])));
}

function bootSecondsOf({ power }: PlanHost): number {
  return power?.bootSeconds ?? DEFAULT_BOOT_SECONDS;
}

/** Priorities of the VMs that wait for a place, the highest first. */
function waiting({ vms }: Inventory, { violationsAfter }: Plan): number[] {
  const names = new Set(violationsAfter.filter(({ rule }) => rule === "place").flatMap((violation) => violation.vms));
  return vms.filter(({ name }) => names.has(name)).map(({ priority = 0 }) => priority).sort((a, b) => b - a);
}

/** Do more important VMs wait, or more of them? */
function isWorse(some: readonly number[], others: readonly number[]): boolean {
  const first = some.findIndex((priority, i) => priority !== others[i]);
  return first !== -1 && (some[first] ?? 0) > (others[first] ?? -1);
}

/** More hosts on, until there are so many that carry nothing as the policy wants, or no more. */
function withReserve(inventory: Inventory, woken: Woken, planOf: PlanOf): Woken {
  const { reserve } = powerPolicy(inventory);
  let found = woken;
  for (;;) {
    const missing = found.plan.outcome === "impossible" ? 0 : reserve - idle(inventory, found).length;
    const more = missing <= 0 ? [] : sleepers(inventory, found.on).slice(0, missing);
    if (more.length === 0) return found;
    const on = [...found.on, ...more];
    found = { on, plan: planOn(inventory, on, planOf) };
  }
}

/** Without hosts for the reserve that there is room to spare for: the plan with them up may empty others. */
function withoutNeedless(inventory: Inventory, { on, plan }: Woken, planOf: PlanOf): Woken {
  const { reserve } = powerPolicy(inventory);
  let needed = on;
  for (const host of byCost(on.filter((each) => !carries(plan.assignments, each) && !isOnTheWay(plan, each)), -1)) {
    if (idle(inventory, { on: needed, plan }).length <= reserve) break;
    const fewer = needed.filter((each) => each !== host);
    if (planOf(carriedOut(withStates(inventory, fewer, "up"), plan.assignments)).outcome === "nothing") needed = fewer;
  }
  return { on: needed, plan };
}

/** Hosts that nobody needs any more. */
function spare(inventory: Inventory, woken: Woken, planOf: PlanOf): PlanHost[] {
  const { isOn, reserve } = powerPolicy(inventory);
  if (!isOn) return [];
  const unused = idle(inventory, woken);
  const mayGo = byCost(unused.filter((host) => host.power !== undefined && (!woken.on.includes(host) || isOnTheWay(woken.plan, host))), -1).slice(0, Math.max(0, unused.length - reserve));
  const after = carriedOut(withStates(inventory, woken.on, "up"), woken.plan.assignments);
  const isQuiet = (off: readonly PlanHost[]): boolean => planOf(withStates(after, off, "off")).outcome === "nothing";
  if (mayGo.length === 0 || isQuiet(mayGo)) return mayGo;
  let off: PlanHost[] = [];
  for (const host of mayGo) if (isQuiet([...off, host])) off = [...off, host];
  return off;
}

/** One plan of both: hosts are switched on, what goes there waits for them, and hosts are switched off once the last has left them. */
function joined(inventory: Inventory, { on, plan }: Woken, off: readonly PlanHost[]): Plan {
  const reason = plan.assignments;
  const boots = on.map((host): Action => ({
    kind: "boot", subject: host.name, startSeconds: 0, durationSeconds: bootSecondsOf(host), after: [],
    reason: carries(reason, host) ? "without it there is no place for all" : isOnTheWay(plan, host) ? "without it there is no way for all" : `HostsInReserve is ${powerPolicy(inventory).reserve}`,
  }));
  const bootOf = new Map(on.map(({ name }, index) => [name, index]));
  const others = plan.actions.map((action): Action => {
    const boot = bootOf.get(action.to?.host ?? "");
    return { ...action, after: [...(boot === undefined ? [] : [boot]), ...action.after.map((index) => index + boots.length)] };
  });
  const before = [...boots, ...others];
  const shutdowns = off.map((host): Action => {
    const last = before.flatMap(({ from }, index) => (from?.host === host.name ? [index] : []));
    return {
      kind: "shutdown", subject: host.name, startSeconds: Math.max(0, ...last.map((index) => endOf(before[index]))), durationSeconds: host.power?.shutdownSeconds ?? DEFAULT_SHUTDOWN_SECONDS, after: last,
      reason: "it carries nothing",
    };
  });
  const actions = [...before, ...shutdowns];
  const { faults, violations } = replay(inventory, actions, plan.assignments);
  if (faults.length > 0) return { ...plan, outcome: "impossible", actions: [], makespanSeconds: 0, isProven: false, conflict: { texts: [`no safe order was found with hosts switched on: ${faults.slice(0, 5).join("; ")}`], isMinimal: false } };
  return { ...plan, outcome: "changes", actions, makespanSeconds: Math.max(...actions.map(endOf)), violationsAfter: violations };
}

/** Whether the policy switches hosts off, and how many that carry nothing it keeps. */
function powerPolicy({ policy, rebalance }: Inventory): { readonly isOn: boolean; readonly reserve: number } {
  const { EnableAutomaticHostPowerManagement: isEnabled, HostsInReserve: reserve } = policyOf(policy).values;
  const isOn = isEnabled === true && rebalance === true;
  return { isOn, reserve: isOn ? Number(reserve ?? 0) : 0 };
}

/** Hosts that are off and may be switched on, the cheaper first. */
function sleepers({ hosts }: Inventory, on: readonly PlanHost[]): PlanHost[] {
  return byCost(hosts.filter((host) => host.state === "off" && host.power !== undefined && !on.includes(host)), 1);
}

/** Hosts that are up at the end and carry nothing, not even what others made. */
function idle({ hosts }: Inventory, { on, plan: { assignments } }: Woken): PlanHost[] {
  return hosts.filter((host) => ((host.state ?? "up") === "up" || on.includes(host)) && !carries(assignments, host));
}

function carries(assignments: Assignments, { name }: PlanHost): boolean {
  return Object.values(assignments).some((place) => place?.host === name);
}

/** Does anything go to the host, or from there, be it that it goes on to another? */
function isOnTheWay({ actions }: Plan, { name }: PlanHost): boolean {
  return actions.some(({ from, to }) => from?.host === name || to?.host === name);
}

/** @param order 1: the cheapest first; −1: the dearest */
function byCost(hosts: readonly PlanHost[], order: 1 | -1): PlanHost[] {
  return byName(hosts).sort((a, b) => order * ((a.power?.cost ?? 0) - (b.power?.cost ?? 0)));
}

function withStates(inventory: Inventory, changed: readonly PlanHost[], state: "up" | "off"): Inventory {
  const names = new Set(changed.map(({ name }) => name));
  return { ...inventory, hosts: inventory.hosts.map((host) => (names.has(host.name) ? { ...host, state } : host)) };
}

function endOf(action: Action | undefined): number {
  return rounded((action?.startSeconds ?? 0) + (action?.durationSeconds ?? 0));
}

/** Times are in thousandths. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
