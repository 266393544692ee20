import type { PlanHost, PlanVm, RuleBase, Selection, Violation } from "../model.js";
import type { GroupCost } from "../solve/problem.js";
import type { View } from "../view.js";

/**
 * One kind of rule: one file here and one line in `index.ts`. `ban.ts` is the smallest; copy that.
 *
 * `compile` tells the solver, `check` judges a finished assignment without it.
 */
export interface RuleKind<Spec extends RuleBase = RuleBase> {
  /** As `kind` in an inventory; for `always`, what messages call it. */
  readonly kind: string;
  /** JSON Schema of the properties that it has besides those of all rules. */
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  /** It is kept without being declared. */
  readonly always?: boolean;
  /**
   * What decides whether a VM may be somewhere: nothing but itself and the host; or the rule's other VMs too (`members`); or
   * those on the same host besides (`group`). Absent: everything, which is always right, and slow where one VM is asked about.
   */
  readonly looksAt?: "itself" | "members" | "group";
  /** A VM more may mend what is broken (an uneven division), so that it is judged when all have their places. */
  readonly isMendedByMore?: boolean;
  compile(spec: Spec, to: RuleCompiler): void;
  /** What does not hold; nothing when all is well. */
  check(spec: Spec, view: View): Finding[];
}

/** A violation without what its rule says of it. */
export type Finding = Pick<Violation, "text" | "vms" | "hosts">;

/** The domain of a host; `undefined` for one that does not count. */
export type DomainOf = (host: PlanHost) => string | undefined;

/** What a rule can tell the solver. Whether it is hard, and its priority, are known. */
export interface RuleCompiler {
  readonly hosts: readonly PlanHost[];
  readonly vms: readonly PlanVm[];
  /** All of the VMs may only be on hosts that `isAllowed` says. */
  allow(vms: Selection, isAllowed: (host: PlanHost) => boolean): void;
  /** The same where each VM has hosts of its own; the same ones for all VMs of which `kindOf` says the same. */
  allowEach(vms: Selection, isAllowed: (host: PlanHost, vm: PlanVm) => boolean, kindOf: (vm: PlanVm) => string): void;
  /** Where they run they stay: one that has no host yet may go anywhere, and from then on is restarted nowhere else. */
  stay(vms: Selection): void;
  /** Members, divided among domains, cost. */
  group(vms: Selection, domainOf: DomainOf, cost: GroupCost): void;
  /** The domains by a label of hosts, or each `host` one; of those hosts that `isCounted` says. */
  domains(across: string, isCounted?: (host: PlanHost) => boolean): DomainOf;
  /** Whether a host is one of those that are selected, or none of them. */
  among(selection: Selection): (host: PlanHost) => boolean;
  outside(selection: Selection): (host: PlanHost) => boolean;
  /** Hosts that carry one of these carry no others. */
  exclusive(vms: Selection): void;
  /** At most so many of these hosts carry anything. */
  online(hosts: Selection, most: number): void;
  /** Were any so many domains lost, these VMs could be restarted on the others. */
  survive(vms: Selection, domainOf: (host: PlanHost) => string | undefined, failures: number): void;
}

/** JSON Schema of a name, or what else is shown to people: what a terminal would obey is no part of it. */
export const TEXT = { type: "string", pattern: "^\\P{Cc}*$" } as const;

/** JSON Schema of a {@link Selection}. */
export const SELECTION = { anyOf: [
  { type: "array", items: TEXT },
  { type: "object", properties: { labels: { type: "object", propertyNames: TEXT, additionalProperties: TEXT } }, required: ["labels"], additionalProperties: false },
] } as const;

/** `a`, `a and b`, `a, b and c`, and of many the first ones and how many more. */
export function listed(names: readonly string[], most = 6): string {
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1] ?? ""}`;
}
