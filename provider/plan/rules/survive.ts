import { countOfSets, domainsOf, MOST_LOSSES, setsOf, together } from "../losses.js";
import type { PlanHost, PlanVm, RuleBase, Selection } from "../model.js";
import { Restarter, type Restarts } from "../restart.js";
import { listed, SELECTION, type RuleKind } from "./rule.js";

/**
 * Capacity is kept for failures (oVirt's HA reservation, vSphere's admission control): after the loss of any so many hosts, or
 * domains, the VMs that ran there can be restarted on the others, each with all hard rules, while the others stay where they are.
 * `{ kind: "survive", failures: 1 }`, `{ kind: "survive", across: "rack", vms: { labels: { ha: "yes" } } }`
 */
export interface SurviveRule extends RuleBase {
  readonly kind: "survive";
  /** Hosts or domains that are lost at once. Default 1. */
  readonly failures?: number;
  /** `host` (default), or a label of hosts. */
  readonly across?: string;
  /** VMs that must be restarted; the others of a lost host need not. Default: all. */
  readonly vms?: Selection;
}

export const survive: RuleKind<SurviveRule> = {
  kind: "survive",
  // While VMs move they are held twice, and no reserve can be kept whole: it holds at the end.
  properties: { failures: { type: "integer", minimum: 1, maximum: 8 }, across: { type: "string" }, vms: SELECTION, continuous: { const: false } },
  required: [],

  compile({ failures = 1, across = "host", vms = ALL }, to) {
    to.survive(vms, to.domains(across, isUp), failures);
  },

  check({ failures = 1, across = "host", vms = ALL }, view) {
    const domains = domainsOf(view.hosts, across, isUp);
    const count = countOfSets(domains.length, failures);
    if (count > MOST_LOSSES) return [{ text: `there are ${count} ways to lose ${failures} of ${domains.length} ${across}s, and no more than ${MOST_LOSSES} can be looked at`, vms: [], hosts: [] }];
    const members = new Set(view.selectVms(vms));
    const isWanted = (vm: PlanVm): boolean => vm.managed !== false && vm.running !== false && members.has(vm.name);
    const restarter = new Restarter(view);
    return [...setsOf(domains.length, failures)].flatMap((set) => {
      const { what, hosts, isOne } = together(set.flatMap((index) => domains[index] ?? []));
      const restarts = restarter.after(new Set(hosts), hosts.flatMap((host) => view.on(host)).filter(isWanted));
      return restarts.left.length === 0 ? [] : [{ text: `if ${what} ${isOne ? "is" : "are"} lost, ${words(restarts)}`, vms: restarts.left.map(({ vm }) => vm), hosts }];
    });
  },
};

const ALL: Selection = { labels: {} };

/** Hosts that are not up are lost, or about to be empty, already. */
function isUp({ state = "up" }: PlanHost): boolean {
  return state === "up";
}

function words({ left, isProven }: Restarts): string {
  const reasons = (left[0]?.hosts ?? []).map(({ text }) => text);
  const have = left.length === 1 ? "has" : "have";
  return `${listed(left.map(({ vm }) => vm))} ${have} no place to restart${isProven ? "" : " that was found (not proven)"}${reasons.length === 0 ? ": no host is left" : `: ${reasons.slice(0, 3).join("; ")}${reasons.length > 3 ? "; …" : ""}`}`;
}
