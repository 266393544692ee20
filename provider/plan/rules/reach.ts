import type { PlanHost, PlanVm } from "../model.js";
import { listed, type RuleKind } from "./rule.js";

/** A VM is where its networks and its storage pools are reached. Always kept. */
export const reach: RuleKind = {
  kind: "reach",
  properties: {},
  required: [],
  always: true,
  looksAt: "itself",

  compile(_spec, to) {
    to.allowEach(to.vms.filter((vm) => vm.networks !== undefined || vm.pools !== undefined).map(({ name }) => name), (host, vm) => missing(host, vm).length === 0, ({ networks, pools }) => JSON.stringify([networks, pools]));
  },

  check(_spec, view) {
    return view.vms.flatMap((vm) => {
      if (vm.networks === undefined && vm.pools === undefined) return [];
      const host = view.host(view.hostOf(vm.name) ?? "");
      const lacks = host === undefined ? [] : missing(host, vm);
      return lacks.length === 0 ? [] : [{ text: `${vm.name} needs ${listed(lacks)}, which ${host?.name ?? ""} does not reach`, vms: [vm.name], hosts: [host?.name ?? ""] }];
    });
  },
};

/** What a host does not reach of what a VM needs, in words. */
export function missing(host: PlanHost, vm: PlanVm): string[] {
  return [
    ...(vm.networks ?? []).filter((name) => host.networks?.includes(name) === false).map((name) => `network ${name}`),
    ...(vm.pools ?? []).filter((name) => host.pools?.includes(name) === false).map((name) => `storage pool ${name}`),
  ];
}
