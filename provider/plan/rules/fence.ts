import type { RuleBase, Selection } from "../model.js";
import { listed, SELECTION, type RuleKind } from "./rule.js";

/** VMs are on certain hosts only: `{ kind: "fence", vms: { labels: { app: "sap" } }, hosts: { labels: { licence: "sap" } } }`. */
export interface FenceRule extends RuleBase {
  readonly kind: "fence";
  readonly vms: Selection;
  readonly hosts: Selection;
}

export const fence: RuleKind<FenceRule> = {
  kind: "fence",
  properties: { vms: SELECTION, hosts: SELECTION },
  required: ["vms", "hosts"],
  looksAt: "itself",

  compile({ vms, hosts }, to) {
    to.allow(vms, to.among(hosts));
  },

  check({ vms, hosts }, view) {
    const allowed = view.hostSet(hosts);
    return view.selectVms(vms).flatMap((vm) => {
      const host = view.hostOf(vm);
      return host !== undefined && !allowed.has(host) ? [{ text: `${vm} is on ${host}, and may only be on ${listed([...allowed])}`, vms: [vm], hosts: [host] }] : [];
    });
  },
};
