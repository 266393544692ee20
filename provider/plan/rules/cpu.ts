import type { PlanHost, PlanVm } from "../model.js";
import { listed, type RuleKind } from "./rule.js";

/** A VM is where the CPU has the model and the features that it was given. Always kept. */
export const cpu: RuleKind = {
  kind: "cpu",
  properties: {},
  required: [],
  always: true,
  looksAt: "itself",

  compile(_spec, to) {
    to.allowEach(to.vms.filter((vm) => vm.cpu !== undefined).map(({ name }) => name), (host, vm) => lacks(host, vm).length === 0, ({ cpu }) => JSON.stringify(cpu));
  },

  check(_spec, view) {
    return view.vms.flatMap((vm) => {
      if (vm.cpu === undefined) return [];
      const host = view.host(view.hostOf(vm.name) ?? "");
      const found = host === undefined ? [] : lacks(host, vm);
      return found.length === 0 ? [] : [{ text: `${vm.name} needs the CPU ${listed(found)}, which ${host?.name ?? ""} does not have`, vms: [vm.name], hosts: [host?.name ?? ""] }];
    });
  },
};

function lacks(host: PlanHost, { cpu: needed }: PlanVm): string[] {
  if (needed === undefined) return [];
  return [
    ...(needed.model === undefined || needed.model === host.cpu?.model ? [] : [`model ${needed.model}`]),
    ...(needed.features ?? []).filter((feature) => host.cpu?.features?.includes(feature) !== true).map((feature) => `feature ${feature}`),
  ];
}
