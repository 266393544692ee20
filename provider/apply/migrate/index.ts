/** Live migration driven by the client over its connections to both hosts, with a journal that another run can go on from. */
export { moveDomain, type Move, type MoveOptions, type MoveOutcome } from "./move.js";
export { moveBetween, type UnfinishedMove } from "./between.js";
export { recoverMove, type Recovered, type RecoverOptions } from "./recover.js";
export { describe as describeMove, hostUuidOf, moveOf, type MoveEnd, type MoveRecord } from "./journal.js";
export type { MigrationPolicy } from "./ladder.js";
export { refuseContradictions, type Compression, type Contradictable, type Peer, type SendOptions } from "./parameters.js";
export type { MovePhase } from "./phases.js";
export type { MoveProgress, MoveStats } from "./watch.js";
export { recoverAlone, type Survivor } from "./recover-alone.js";
