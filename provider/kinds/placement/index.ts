/** Reading, planning and moving a cluster, for the `Placement` resource and the command line alike. */
export type { KnownHost } from "./inventory.js";
export { markDead, refuseLiving } from "./dead.js";
export { closeForEvacuation } from "./evacuate.js";
export { idOf, keepMarks, markEvacuated } from "./marks.js";
export { finishCutOff } from "./cut-off.js";
export { carryOutMoves } from "./moves.js";
export { makePlan, type PlannedCluster } from "./planning.js";
export { readCluster, type ReadCluster } from "./reading.js";
export { lockOut, recordConfig, wantedOf, WANTED_KEY, WORK_LOCK } from "./guarded.js";
export { dependenciesOf } from "./dependencies.js";
