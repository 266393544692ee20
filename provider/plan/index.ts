/** The planner, usable alone: `import { plan } from "drover/plan"`. Pure: no I/O, no clock, no randomness but a seed. */
export type {
  Action, Amounts, Assignments, Budget, Deadline, HostPower, HostState, Inventory, Labels, LinkedPart, NumaCell, PastMove, Place, Plan, PlanHost, PlanVm, Policy, PolicyName, Precedence, RuleBase, RuleSpec, ScheduleOptions, Selection, TimeWindow, Violation,
} from "./model.js";
export { plan, type PlanOptions } from "./in-worker.js";
export { planNow } from "./plan.js";
export { EXACT_HOSTS, EXACT_VMS } from "./stages.js";
export { InventoryError, mistakesOf } from "./validate.js";
export { verify, violationsOf } from "./verify.js";
export { calibrate, meanError, type MeasuredMove } from "./schedule/calibrate.js";
export { DEFAULT_MODEL, moveTime, type DurationModel } from "./schedule/duration.js";
export { why, type HostReason, type Verdict, type Why } from "./explain/why.js";
export { changed, whatChanges, type Change, type Changed, type Deed, type Difference } from "./explain/change.js";
export { whatIfLost, type LeftVm, type LossOutcome, type LossQuestion, type WhatIf } from "./explain/losses.js";
export type { Refusal } from "./restart.js";
