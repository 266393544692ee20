import type { Labels, PlanHost, RuleBase, Selection } from "../model.js";
import { SELECTION, type RuleKind } from "./rule.js";

/** VMs are on hosts with labels, or (`avoid`) on hosts without: `{ kind: "affinity", vms: ["render"], hostLabels: { gpu: "yes" } }`. */
export interface AffinityRule extends RuleBase {
  readonly kind: "affinity";
  readonly vms: Selection;
  readonly hostLabels: Labels;
  readonly avoid?: boolean;
}

export const affinity: RuleKind<AffinityRule> = {
  kind: "affinity",
  properties: { vms: SELECTION, hostLabels: { type: "object", additionalProperties: { type: "string" } }, avoid: { type: "boolean" } },
  required: ["vms", "hostLabels"],
  looksAt: "itself",

  compile({ vms, hostLabels, avoid = false }, to) {
    to.allow(vms, (host) => hasLabels(host, hostLabels) !== avoid);
  },

  check({ vms, hostLabels, avoid = false }, view) {
    const words = Object.entries(hostLabels).map(([key, value]) => `${key}=${value}`).join(" and ");
    return view.selectVms(vms).flatMap((vm) => {
      const host = view.host(view.hostOf(vm) ?? "");
      if (host === undefined || hasLabels(host, hostLabels) !== avoid) return [];
      return [{ text: `${vm} is on ${host.name}, which has ${avoid ? words : `not ${words}`}`, vms: [vm], hosts: [host.name] }];
    });
  },
};

function hasLabels(host: PlanHost, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => host.labels?.[key] === value);
}
