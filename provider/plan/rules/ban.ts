import type { RuleBase, Selection } from "../model.js";
import { SELECTION, type RuleKind } from "./rule.js";

/** VMs are kept off some hosts: `{ kind: "ban", vms: ["db"], hosts: ["old-1"] }`. */
export interface BanRule extends RuleBase {
  readonly kind: "ban";
  readonly vms: Selection;
  readonly hosts: Selection;
}

export const ban: RuleKind<BanRule> = {
  kind: "ban",
  properties: { vms: SELECTION, hosts: SELECTION },
  required: ["vms", "hosts"],
  looksAt: "itself",

  compile({ vms, hosts }, to) {
    to.allow(vms, to.outside(hosts));
  },

  check({ vms, hosts }, view) {
    const banned = view.hostSet(hosts);
    return view.selectVms(vms).flatMap((vm) => {
      const host = view.hostOf(vm);
      return host !== undefined && banned.has(host) ? [{ text: `${vm} is on ${host}, where it must not be`, vms: [vm], hosts: [host] }] : [];
    });
  },
};
