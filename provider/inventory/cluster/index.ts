/** What all hosts of a cluster are and carry, read at one moment and changed by nothing here but the marks. */
export { baselineOf, baselineText, cpuRunsOn, lackingFor, type CpuBaseline } from "./baseline.js";
export { whatDiffers } from "./differ.js";
export { canonical, digestOfInventory, type DigestOptions } from "./digest.js";
export { cpuNeeds, cpuOffers, whyNotOn } from "./fits.js";
export { clearHostMark, closedBy, confirmedDead, isDeclaredDead, marksOf, markUuid, readHostMark, readHostMarks, writeHostMark, type HostMark, type HostMarkState, type MarkedHost, type DeathNote, type Note } from "./mark.js";
export type {
  ClusterReading, DomainDisk, DomainInventory, DomainMeasures, DomainMemoryInventory, DomainStateName, HostCpu, HostInventory, NetworkInventory, PoolInventory, SilentHost,
} from "./model.js";
export { readHosts, type ReadOptions } from "./read.js";
