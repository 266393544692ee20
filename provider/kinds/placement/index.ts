/** Reading, planning and moving a cluster, for the `Placement` resource and the command line alike. */
export type { KnownHost } from "./inventory.js";
export { markDead, refuseLiving } from "./dead.js";
export { markEvacuated } from "./marks.js";
export { carryOutMoves, finishCutOff } from "./moves.js";
export { makePlan, readCluster, type PlannedCluster, type ReadCluster } from "./planning.js";
