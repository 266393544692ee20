import type { RuleBase, Selection } from "../model.js";
import { SELECTION, type RuleKind } from "./rule.js";

/** VMs stay on the host that they run on: `{ kind: "pin", vms: ["licence-server"] }`. */
export interface PinRule extends RuleBase {
  readonly kind: "pin";
  readonly vms: Selection;
}

export const pin: RuleKind<PinRule> = {
  kind: "pin",
  properties: { vms: SELECTION },
  required: ["vms"],
  looksAt: "itself",

  compile({ vms }, to) {
    to.allowEach(vms, (host, vm) => vm.host === undefined || vm.host === host.name, ({ host = "" }) => host);
    to.stay(vms);
  },

  check({ vms }, view) {
    return view.selectVms(vms).flatMap((name) => {
      const before = view.vm(name)?.host;
      const host = view.hostOf(name);
      return host !== undefined && before !== undefined && host !== before ? [{ text: `${name} leaves ${before}, to which it is pinned, for ${host}`, vms: [name], hosts: [before, host] }] : [];
    });
  },
};
