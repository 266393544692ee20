/** Reading, planning and moving a cluster, for the `Placement` resource and the command line alike. */
export type { KnownHost } from "./inventory.js";
export { markDead, refuseLiving, refuseLivingAnywhere } from "./dead.js";
export { closeForEvacuation } from "./evacuate.js";
export { idOf, keepMarks, markEvacuated } from "./marks.js";
export { parseView, VIEWS_PREFIX, type GuardView } from "./views.js";
export { actOn, newBoots, noteBoots, SPOKEN_SECONDS, voidWords } from "./words.js";
export { finishCutOff } from "./cut-off.js";
export { carryOutMoves } from "./moves.js";
export { makePlan, type PlannedCluster } from "./planning.js";
export { readCluster, type ReadCluster } from "./reading.js";
export { parseKeptInputs } from "./kept-inputs.js";
export { CLOSED_PREFIX, letGuardsIn, lockOut, noteClosed, noteGuard, recordConfig, underLock, unknownTo, wantedOf, WANTED_KEY, WORK_LOCK } from "./guarded.js";
export { dependenciesOf } from "./dependencies.js";
