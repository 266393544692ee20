import type { Reassignment } from "../../../provider/plan/solve/reassign/problem.js";

/** An instance of the challenge, as its two files have it. */
export interface Instance {
  readonly resources: readonly { readonly isTransient: boolean; readonly loadWeight: number }[];
  readonly machines: readonly Machine[];
  readonly services: readonly { readonly spreadMin: number; readonly dependsOn: readonly number[] }[];
  readonly processes: readonly { readonly service: number; readonly requirements: readonly number[]; readonly moveCost: number }[];
  readonly balances: readonly { readonly r1: number; readonly r2: number; readonly target: number; readonly weight: number }[];
  readonly processMoveWeight: number;
  readonly serviceMoveWeight: number;
  readonly machineMoveWeight: number;
  /** Machine of each process. */
  readonly original: readonly number[];
}

export interface Machine {
  readonly neighbourhood: number;
  readonly location: number;
  readonly capacities: readonly number[];
  readonly safety: readonly number[];
  readonly moveCosts: Int32Array;
}

/** @throws Error where the numbers are too few, too many or none */
export function parseInstance(model: string, assignment: string): Instance {
  const next = reader(model, "the model");
  const times = <T>(count: number, one: () => T): T[] => Array.from({ length: count }, one);
  const resources = times(next(), () => ({ isTransient: next() === 1, loadWeight: next() }));
  const machineCount = next();
  const machines = times(machineCount, () => ({
    neighbourhood: next(), location: next(), capacities: times(resources.length, next), safety: times(resources.length, next),
    moveCosts: Int32Array.from({ length: machineCount }, next),
  }));
  const services = times(next(), () => ({ spreadMin: next(), dependsOn: times(next(), next) }));
  const processes = times(next(), () => ({ service: next(), requirements: times(resources.length, next), moveCost: next() }));
  const balances = times(next(), () => ({ r1: next(), r2: next(), target: next(), weight: next() }));
  const instance = {
    resources, machines, services, processes, balances,
    processMoveWeight: next(), serviceMoveWeight: next(), machineMoveWeight: next(), original: parseAssignment(assignment),
  };
  next.end();
  if (instance.original.length !== processes.length) throw new Error(`${processes.length} processes, but ${instance.original.length} machines in the assignment`);
  return instance;
}

/** Machine of each process. */
export function parseAssignment(text: string): number[] {
  return text.trim().split(/\s+/).map((word) => whole(word, "the assignment"));
}

/** The same instance as the planner's problem. */
export function toReassignment(instance: Instance): Reassignment {
  const { resources, machines, services, processes, processMoveWeight } = instance;
  const wayCost = new Int32Array(machines.length * machines.length);
  for (const [m, { moveCosts }] of machines.entries()) wayCost.set(moveCosts, m * machines.length);
  return {
    hostCount: machines.length, vmCount: processes.length, resourceCount: resources.length,
    capacity: Float64Array.from(machines.flatMap(({ capacities }) => capacities)),
    safety: Float64Array.from(machines.flatMap(({ safety }) => safety)),
    loadWeight: Float64Array.from(resources, ({ loadWeight }) => loadWeight),
    isTransient: Uint8Array.from(resources, ({ isTransient }) => (isTransient ? 1 : 0)),
    demand: Float64Array.from(processes.flatMap(({ requirements }) => requirements)),
    origin: Int32Array.from(instance.original),
    groupOf: Int32Array.from(processes, ({ service }) => service),
    groupCount: services.length,
    leastLocations: Int32Array.from(services, ({ spreadMin }) => spreadMin),
    locationOf: Int32Array.from(machines, ({ location }) => location),
    locationCount: largest(machines.map(({ location }) => location)) + 1,
    neighbourhoodOf: Int32Array.from(machines, ({ neighbourhood }) => neighbourhood),
    neighbourhoodCount: largest(machines.map(({ neighbourhood }) => neighbourhood)) + 1,
    needs: services.map(({ dependsOn }) => Int32Array.from(dependsOn)),
    balances: instance.balances.map(({ r1, r2, target, weight }) => ({ a: r1, b: r2, target, weight })),
    moveCost: Float64Array.from(processes, ({ moveCost }) => processMoveWeight * moveCost),
    wayCost, wayWeight: instance.machineMoveWeight, groupMoveWeight: instance.serviceMoveWeight,
  };
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), -1);
}

/** Hands out the numbers of a text one by one. */
function reader(text: string, what: string): { (): number; end: () => void } {
  const words = text.trim().split(/\s+/);
  let at = 0;
  const next = (): number => {
    const word = words[at];
    if (word === undefined) throw new Error(`${what} ends after ${at} numbers, where more belong`);
    at += 1;
    return whole(word, what);
  };
  return Object.assign(next, { end: () => { if (at !== words.length) throw new Error(`${what} has ${words.length - at} numbers too many`); } });
}

function whole(word: string, what: string): number {
  const value = Number(word);
  if (word === "" || !Number.isSafeInteger(value) || value < 0) throw new Error(`"${word}" in ${what} is no whole number from 0`);
  return value;
}
