import type { RuleBase, Selection } from "../model.js";
import { listed, SELECTION, type RuleKind } from "./rule.js";

/** Hosts that carry any of the VMs carry no others: `{ kind: "exclusive", vms: { labels: { tenant: "bank" } } }`. */
export interface ExclusiveRule extends RuleBase {
  readonly kind: "exclusive";
  readonly vms: Selection;
}

export const exclusive: RuleKind<ExclusiveRule> = {
  kind: "exclusive",
  properties: { vms: SELECTION },
  required: ["vms"],
  looksAt: "group",

  compile({ vms }, to) {
    to.exclusive(vms);
  },

  check({ vms }, view) {
    const members = new Set(view.selectVms(vms));
    const hosts = new Set([...members].flatMap((vm) => view.hostOf(vm) ?? []));
    return [...hosts].sort().flatMap((name) => {
      const on = view.on(name).map((vm) => vm.name);
      const inside = on.filter((vm) => members.has(vm));
      const others = on.filter((vm) => !members.has(vm));
      return inside.length === 0 || others.length === 0 ? [] : [{ text: `${listed(inside)} shall have ${name} for themselves, and share it with ${listed(others)}`, vms: [...inside, ...others], hosts: [name] }];
    });
  },
};
