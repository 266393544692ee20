/** What all hosts of a cluster are and carry, read at one moment and changed by nothing here but the marks. */
export { baselineOf, baselineText, cpuRunsOn, lackingFor, type CpuBaseline } from "./baseline.js";
export { cpusOn } from "./cpus.js";
export { differences, whatDiffers } from "./differ.js";
export { basisOf, canonical, digestOfBasis, digestOfInventory, type ClusterBasis, type DigestOptions } from "./digest.js";
export { cpuNeeds, cpuOffers, hasStorage, isSafeCache, reasonsToStay, storageNeeds, type StorageNeed } from "./fits.js";
export { clearHostMark, closedBy, confirmedDead, declaredDead, marksOf, markUuid, readHostMark, readHostMarks, writeHostMark, type HostMark, type HostMarkState, type MarkedHost, type DeathNote, type Note } from "./mark.js";
export type {
  ClusterReading, DomainDisk, DomainInventory, DomainMeasures, DomainMemoryInventory, DomainStateName, HostCpu, HostInventory, NetworkInventory, PoolInventory, SilentHost,
} from "./model.js";
export { readHosts, type ReadOptions } from "./read.js";
export { sharesDisks } from "./shared-disks.js";
