/** The planner, usable alone: `import { plan } from "drover/plan"`. Pure: no I/O, no clock, no randomness but a seed. */
export type {
  Action, Amounts, Assignments, Budget, HostState, Inventory, Labels, NumaCell, Place, Plan, PlanHost, PlanVm, RuleBase, RuleSpec, ScheduleOptions, Selection, Violation,
} from "./model.js";
export { plan } from "./in-worker.js";
export { EXACT_HOSTS, EXACT_VMS, planNow } from "./plan.js";
export { InventoryError, mistakesOf } from "./validate.js";
export { verify, violationsOf } from "./verify.js";
