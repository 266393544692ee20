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
      return found.length === 0 ? [] : [{ text: `${vm.name} needs ${listed(found)}, which ${host?.name ?? ""} does not have`, vms: [vm.name], hosts: [host?.name ?? ""] }];
    });
  },
};

/** What a host does not have of the CPU and the machine that a VM needs, in words. */
export function lacks(host: PlanHost, { cpu: needed }: PlanVm): string[] {
  if (needed === undefined) return [];
  const offered = featuresOf(host);
  return [
    ...(needed.model === undefined || needed.model === host.cpu?.model ? [] : [`the CPU model ${needed.model}`]),
    // What is no word of a CPU's says itself what it is.
    ...(needed.features ?? []).filter((feature) => !offered.has(feature)).map((feature) => (feature.includes(" ") ? feature : `the CPU feature ${feature}`)),
  ];
}

const features = new WeakMap<PlanHost, ReadonlySet<string>>();

/** As a set, for each VM on the host is looked at. */
function featuresOf(host: PlanHost): ReadonlySet<string> {
  const known = features.get(host) ?? new Set(host.cpu?.features);
  features.set(host, known);
  return known;
}
