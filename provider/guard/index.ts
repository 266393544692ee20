/** The guard: watches a cluster's hosts, fences one that is lost, and starts its guests elsewhere, never twice. */
export type { Condition } from "./detect.js";
export { EVENT_KINDS, type EventKind, type GuardEvent } from "./events.js";
export { Guard, type GuardOptions } from "./guard.js";
export { Hooks, type HookTargets } from "./hooks.js";
export { GuardHttp, type Observed } from "./http.js";
export type { Fence } from "./recovery.js";
export { DEFAULT_SETTINGS, mistakesIn, type GuardSettings } from "./settings.js";
