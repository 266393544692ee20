import type { Instance } from "./instance.js";

/** What an assignment is worth, straight from the challenge's definition: it shares nothing with the solver. */
export interface Judgement {
  readonly cost: number;
  /** What breaks a hard rule, in words; nothing where it is feasible. */
  readonly broken: readonly string[];
}

export function evaluate(instance: Instance, assignment: readonly number[]): Judgement {
  const stray = assignment.findIndex((machine) => instance.machines[machine] === undefined);
  if (stray >= 0 || assignment.length !== instance.processes.length) {
    return { cost: Infinity, broken: [stray >= 0 ? `process ${stray} is on no machine` : `${assignment.length} machines for ${instance.processes.length} processes`] };
  }
  const usage = instance.machines.map(() => instance.resources.map(() => 0));
  const held = instance.machines.map(() => instance.resources.map(() => 0));
  for (const [p, { requirements }] of instance.processes.entries()) {
    for (const [r, amount] of requirements.entries()) {
      add(usage, assignment[p], r, amount);
      if (instance.resources[r]?.isTransient === true && assignment[p] !== instance.original[p]) add(held, instance.original[p], r, amount);
    }
  }
  return { cost: hostCost(instance, usage) + moveCost(instance, assignment), broken: [...overfull(instance, usage, held), ...brokenServices(instance, assignment)] };
}

function add(table: number[][], row: number | undefined, column: number, amount: number): void {
  const cells = table[row ?? -1];
  if (cells !== undefined) cells[column] = (cells[column] ?? 0) + amount;
}

/** Load cost and balance cost. */
function hostCost({ machines, resources, balances }: Instance, usage: readonly (readonly number[])[]): number {
  let cost = 0;
  for (const [m, { capacities, safety }] of machines.entries()) {
    const used = (r: number): number => usage[m]?.[r] ?? 0;
    for (const [r, { loadWeight }] of resources.entries()) cost += loadWeight * Math.max(0, used(r) - (safety[r] ?? 0));
    for (const { r1, r2, target, weight } of balances) {
      cost += weight * Math.max(0, target * ((capacities[r1] ?? 0) - used(r1)) - ((capacities[r2] ?? 0) - used(r2)));
    }
  }
  return cost;
}

/** Process, service and machine move cost. */
function moveCost(instance: Instance, assignment: readonly number[]): number {
  const { machines, processes, services, original } = instance;
  const moved = services.map(() => 0);
  let cost = 0;
  for (const [p, { service, moveCost: own }] of processes.entries()) {
    const from = original[p] ?? 0;
    const to = assignment[p] ?? 0;
    cost += instance.machineMoveWeight * (machines[from]?.moveCosts[to] ?? 0);
    if (from === to) continue;
    cost += instance.processMoveWeight * own;
    moved[service] = (moved[service] ?? 0) + 1;
  }
  return cost + instance.serviceMoveWeight * moved.reduce((a, b) => Math.max(a, b), 0);
}

function overfull({ machines }: Instance, usage: readonly (readonly number[])[], held: readonly (readonly number[])[]): string[] {
  return machines.flatMap(({ capacities }, m) => capacities.flatMap((capacity, r) => {
    const used = (usage[m]?.[r] ?? 0) + (held[m]?.[r] ?? 0);
    return used > capacity ? [`machine ${m} holds ${used} of ${capacity} of resource ${r}`] : [];
  }));
}

function brokenServices({ machines, services, processes }: Instance, assignment: readonly number[]): string[] {
  const machinesOf = services.map((): number[] => []);
  for (const [p, { service }] of processes.entries()) machinesOf[service]?.push(assignment[p] ?? 0);
  const neighbourhoodsOf = machinesOf.map((ofService) => new Set(ofService.map((m) => machines[m]?.neighbourhood)));
  return services.flatMap(({ spreadMin, dependsOn }, s) => {
    const ofService = machinesOf[s] ?? [];
    const locations = new Set(ofService.map((m) => machines[m]?.location)).size;
    return [
      ...(new Set(ofService).size < ofService.length ? [`service ${s} has two processes on one machine`] : []),
      ...(locations < spreadMin ? [`service ${s} is in ${locations} locations, not ${spreadMin}`] : []),
      ...dependsOn.flatMap((needed) => [...(neighbourhoodsOf[s] ?? [])].filter((place) => neighbourhoodsOf[needed]?.has(place) !== true)
        .map((place) => `service ${s} is in neighbourhood ${place}, and service ${needed}, which it depends on, is not`)),
    ];
  });
}
