import type { RuleBase, Selection } from "../model.js";
import { SELECTION, type RuleKind } from "./rule.js";

/** At most so many of the VMs on certain hosts: `{ kind: "quota", vms: { labels: { tier: "test" } }, hosts: { labels: { rack: "a" } }, most: 10 }`. */
export interface QuotaRule extends RuleBase {
  readonly kind: "quota";
  readonly vms: Selection;
  readonly hosts: Selection;
  readonly most: number;
}

export const quota: RuleKind<QuotaRule> = {
  kind: "quota",
  properties: { vms: SELECTION, hosts: SELECTION, most: { type: "integer", minimum: 0 } },
  required: ["vms", "hosts", "most"],
  looksAt: "members",

  compile({ vms, hosts, most }, to) {
    const isCounted = to.among(hosts);
    to.group(vms, (host) => (isCounted(host) ? "counted" : undefined), { kind: "most", most });
  },

  check({ vms, hosts, most }, view) {
    const counted = view.hostSet(hosts);
    const there = view.selectVms(vms).filter((vm) => counted.has(view.hostOf(vm) ?? ""));
    return there.length <= most ? [] : [{ text: `${there.length} VMs are where at most ${most} may be`, vms: there, hosts: [...counted] }];
  },
};
