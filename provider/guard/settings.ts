/** How a guard judges and acts. All times in seconds. */
export interface GuardSettings {
  /** Between two looks at a host. */
  readonly pollSeconds: number;
  /** Silence of libvirt after which a host is suspect, or ailing where its machine answers. */
  readonly suspectSeconds: number;
  /** Silence of everything of a host after which it counts as lost, and is fenced. */
  readonly lostSeconds: number;
  /** Silence of libvirt on a machine that answers, after which its libvirtd is restarted. */
  readonly softFenceSeconds: number;
  /** After a guard's start: nothing is taken for lost before, as a data centre that comes back from an outage comes back piece by piece. */
  readonly graceSeconds: number;
  /** How long a leader that gives no sign keeps its office. */
  readonly leaseSeconds: number;
  /** Hosts that may be fenced within {@link stormMinutes}. */
  readonly mostFenced: number;
  readonly stormMinutes: number;
  /** Starts of a guest within ten minutes, in vain or to fall again, before it is left to a person. */
  readonly mostStarts: number;
}

/**
 * Quiet ones: a switch that is gone for 30 s and an upgrade of libvirt are ridden out. From a host's death to the decision
 * pass at most `lostSeconds + pollSeconds`.
 */
export const DEFAULT_SETTINGS: GuardSettings = {
  pollSeconds: 5, suspectSeconds: 15, lostSeconds: 60, softFenceSeconds: 120, graceSeconds: 120, leaseSeconds: 15, mostFenced: 1, stormMinutes: 10, mostStarts: 3,
};

/** What does not go together, in an operator's words; empty when all is well. */
export function mistakesIn(settings: GuardSettings): string[] {
  const { pollSeconds, suspectSeconds, lostSeconds, mostFenced, mostStarts, leaseSeconds } = settings;
  return [
    ...Object.entries(settings).filter(([, value]) => !(Number(value) >= 0 && Number.isFinite(value))).map(([name]) => `${name} is no number of 0 or more`),
    ...(pollSeconds > 0 ? [] : ["pollSeconds has to be more than 0"]),
    ...(suspectSeconds >= 2 * pollSeconds ? [] : ["suspectSeconds has to be two polls at least: one that is lost says nothing"]),
    ...(lostSeconds > suspectSeconds ? [] : ["lostSeconds has to be more than suspectSeconds"]),
    ...(leaseSeconds >= 2 ? [] : ["leaseSeconds has to be 2 at least"]),
    ...(mostFenced >= 1 && mostStarts >= 1 ? [] : ["mostFenced and mostStarts have to be 1 at least"]),
  ];
}
