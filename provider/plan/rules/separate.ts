import type { RuleBase, Selection } from "../model.js";
import { domainOf } from "../view.js";
import { listed, SELECTION, type RuleKind } from "./rule.js";

/** No two of the VMs on one host, or in one domain: `{ kind: "separate", vms: ["db-1", "db-2"], across: "rack" }`. */
export interface SeparateRule extends RuleBase {
  readonly kind: "separate";
  readonly vms: Selection;
  /** `host` (default), or a label of hosts. */
  readonly across?: string;
}

export const separate: RuleKind<SeparateRule> = {
  kind: "separate",
  properties: { vms: SELECTION, across: { type: "string" } },
  required: ["vms"],
  looksAt: "members",

  compile({ vms, across = "host" }, to) {
    to.group(vms, to.domains(across), { kind: "most", most: 1 });
  },

  check({ vms, across = "host" }, view) {
    const together = new Map<string, string[]>();
    for (const vm of view.selectVms(vms)) {
      const host = view.host(view.hostOf(vm) ?? "");
      const domain = host === undefined ? undefined : domainOf(host, across);
      if (domain !== undefined) together.set(domain, [...(together.get(domain) ?? []), vm]);
    }
    return [...together].filter(([, names]) => names.length > 1).map(([domain, names]) => (
      { text: `${listed(names)} are together ${across === "host" ? "on" : `in ${across}`} ${domain}`, vms: names, hosts: across === "host" ? [domain] : [] }));
  },
};
