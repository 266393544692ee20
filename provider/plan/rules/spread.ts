import type { PlanHost, RuleBase, Selection } from "../model.js";
import { domainOf } from "../view.js";
import { listed, SELECTION, type RuleKind } from "./rule.js";

/**
 * VMs are divided over domains: `{ kind: "spread", vms: { labels: { app: "web" } }, across: "rack", maxSkew: 1 }`.
 * With `minDomains`, in at least so many of them; with `maxSkew`, no domain has so many more than another. With neither,
 * `maxSkew` is 1.
 */
export interface SpreadRule extends RuleBase {
  readonly kind: "spread";
  readonly vms: Selection;
  /** `host`, or a label of hosts. */
  readonly across: string;
  readonly maxSkew?: number;
  readonly minDomains?: number;
}

export const spread: RuleKind<SpreadRule> = {
  kind: "spread",
  properties: { vms: SELECTION, across: { type: "string" }, maxSkew: { type: "integer", minimum: 0 }, minDomains: { type: "integer", minimum: 1 } },
  required: ["vms", "across"],
  looksAt: "members",
  isMendedByMore: true,

  compile({ vms, across, minDomains, ...rest }, to) {
    const maxSkew = rest.maxSkew ?? (minDomains === undefined ? 1 : undefined);
    if (maxSkew !== undefined) to.group(vms, to.domains(across, mayCarry), { kind: "skew", skew: maxSkew });
    if (minDomains !== undefined) to.group(vms, to.domains(across), { kind: "least", least: minDomains });
  },

  check({ vms, across, minDomains, ...rest }, view) {
    const maxSkew = rest.maxSkew ?? (minDomains === undefined ? 1 : undefined);
    const domains = view.domains(across, mayCarry);
    const counts = new Map<string, number>();
    const names = view.selectVms(vms).filter((vm) => view.hostOf(vm) !== undefined);
    const used = new Set<string>();
    for (const vm of names) {
      const host = view.host(view.hostOf(vm) ?? "");
      const domain = host === undefined ? undefined : domainOf(host, across);
      if (domain === undefined) continue;
      used.add(domain);
      if (host !== undefined && mayCarry(host)) counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
    const findings = [];
    const most = Math.max(0, ...counts.values());
    const least = counts.size < domains.length ? 0 : Math.min(...counts.values());
    if (maxSkew !== undefined && most - least > maxSkew) {
      const text = `${listed(names)} are unevenly divided over ${across === "host" ? "hosts" : `${across}s`}: ${domains.slice(0, 6).map((domain) => `${domain} has ${counts.get(domain) ?? 0}`).join(", ")}, and the difference may be ${maxSkew}`;
      findings.push({ text, vms: names, hosts: [] });
    }
    // One that is about to be stopped does not make it more.
    const wanted = Math.min(minDomains ?? 0, names.filter((vm) => view.vm(vm)?.running !== false).length);
    if (used.size < wanted) findings.push({ text: `${listed(names)} are in ${used.size} ${across === "host" ? "hosts" : `${across}s`}, and should be in ${wanted}`, vms: names, hosts: [] });
    return findings;
  },
};

/** A domain whose hosts are all gone is none to divide over. */
function mayCarry({ state = "up" }: PlanHost): boolean {
  return state === "up" || state === "unknown";
}
