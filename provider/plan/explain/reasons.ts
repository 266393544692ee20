import type { Compiled } from "../compile.js";
import type { Inventory, Violation } from "../model.js";
import { NOWHERE } from "../solve/problem.js";

/**
 * Why each VM's place changes, in one sentence.
 * @param byPolicy reasons of VMs that a policy moved
 */
export function reasonsOf({ hosts }: Inventory, { vms, problem }: Compiled, violationsBefore: readonly Violation[], byPolicy: ReadonlyMap<number, string> = new Map()): (vm: number) => string {
  const byVm = new Map<string, string>();
  for (const { text, vms: names } of violationsBefore) for (const name of names) if (!byVm.has(name)) byVm.set(name, text);
  const stateOf = new Map(hosts.map(({ name, state }) => [name, state ?? "up"]));
  return (index) => {
    const vm = vms[index];
    if (vm === undefined) return "";
    if (vm.running === false) return "it shall not run";
    if (problem.origin[index] === NOWHERE) return stateOf.get(vm.host ?? "") === "lost" ? `its host ${vm.host ?? ""} is lost` : "it is to run and has no host yet";
    return byPolicy.get(index) ?? byVm.get(vm.name) ?? "it makes room for others";
  };
}
