import type { HostState, PlanVm } from "../model.js";
import { type RuleKind } from "./rule.js";

const WORDS: Readonly<Record<Exclude<HostState, "up" | "unknown">, string>> = {
  maintenance: "is in maintenance", leaving: "leaves the cluster", off: "is switched off", lost: "is lost",
};

/** Only hosts that are up carry guests; on one of which nothing is known, those stay that are there. Others' guests are none of the plan's. Always kept. */
export const state: RuleKind = {
  kind: "state",
  properties: {},
  required: [],
  always: true,
  looksAt: "itself",

  compile(_spec, to) {
    const unknown = new Set(to.hosts.filter((host) => host.state === "unknown").map(({ name }) => name));
    const isThere = (vm: PlanVm): boolean => vm.host !== undefined && unknown.has(vm.host);
    to.allow(to.vms.filter((vm) => vm.managed !== false && !isThere(vm)).map(({ name }) => name), (host) => (host.state ?? "up") === "up");
    to.allowEach(to.vms.filter((vm) => vm.managed !== false && isThere(vm)).map(({ name }) => name), (host, vm) => host.name === vm.host, ({ host = "" }) => host);
  },

  check(_spec, view) {
    return view.hosts.flatMap((host) => {
      const now = host.state ?? "up";
      if (now === "up") return [];
      return view.on(host.name).filter((vm) => vm.managed !== false && (now !== "unknown" || vm.host !== host.name)).map((vm) => (
        { text: `${vm.name} is on ${host.name}, ${now === "unknown" ? "of which nothing is known" : `which ${WORDS[now]}`}`, vms: [vm.name], hosts: [host.name] }));
    });
  },
};
