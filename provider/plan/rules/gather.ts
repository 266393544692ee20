import type { RuleBase, Selection } from "../model.js";
import { domainOf } from "../view.js";
import { listed, SELECTION, type RuleKind } from "./rule.js";

/** All of the VMs on one host, or in one domain: `{ kind: "gather", vms: ["app", "cache"] }`. */
export interface GatherRule extends RuleBase {
  readonly kind: "gather";
  readonly vms: Selection;
  /** `host` (default), or a label of hosts. */
  readonly across?: string;
}

export const gather: RuleKind<GatherRule> = {
  kind: "gather",
  properties: { vms: SELECTION, across: { type: "string" } },
  required: ["vms"],
  looksAt: "members",

  compile({ vms, across = "host" }, to) {
    to.group(vms, to.domains(across), { kind: "gather" });
  },

  check({ vms, across = "host" }, view) {
    const names = view.selectVms(vms).filter((vm) => view.hostOf(vm) !== undefined);
    const domains = new Set(names.flatMap((vm) => {
      const host = view.host(view.hostOf(vm) ?? "");
      return host === undefined ? [] : domainOf(host, across);
    }));
    return domains.size < 2 ? [] : [{ text: `${listed(names)} are not together, but ${across === "host" ? "on" : `in ${across}`} ${listed([...domains])}`, vms: names, hosts: across === "host" ? [...domains] : [] }];
  },
};
