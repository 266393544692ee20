import type { RuleBase, Selection } from "../model.js";
import { SELECTION, type RuleKind } from "./rule.js";

/** At most so many of the hosts carry anything: `{ kind: "online", hosts: { labels: { room: "b" } }, most: 4 }`. */
export interface OnlineRule extends RuleBase {
  readonly kind: "online";
  readonly hosts: Selection;
  readonly most: number;
}

export const online: RuleKind<OnlineRule> = {
  kind: "online",
  properties: { hosts: SELECTION, most: { type: "integer", minimum: 0 } },
  required: ["hosts", "most"],

  compile({ hosts, most }, to) {
    to.online(hosts, most);
  },

  check({ hosts, most }, view) {
    const used = view.selectHosts(hosts).filter((host) => view.on(host).length > 0);
    return used.length <= most ? [] : [{ text: `${used.length} hosts carry VMs where at most ${most} may`, vms: [], hosts: used }];
  },
};
