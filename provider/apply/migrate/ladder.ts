/** oVirt's migration policies by their names. */
export type MigrationPolicy = "minimal-downtime" | "suspend-if-needed" | "post-copy" | "very-large";

/** What is done with a move that does not come to its end by itself. */
export type Action = { readonly downtimeMs: number } | "post-copy" | "abort";

export interface Step {
  /** Taken when so many rounds have brought nothing. */
  readonly afterStalls: number;
  readonly action: Action;
}

export interface Ladder {
  /** QEMU slows the guest's virtual CPUs down where a round brings too little. */
  readonly autoConverge: boolean;
  /** The downtime that is allowed at first. */
  readonly downtimeMs: number;
  readonly steps: readonly Step[];
}

/** As oVirt's default policies climb: the last steps are taken one after another once all others were. */
export const LADDERS: Readonly<Record<MigrationPolicy, Ladder>> = {
  "minimal-downtime": {
    autoConverge: true, downtimeMs: 100,
    steps: [
      { afterStalls: 1, action: { downtimeMs: 150 } }, { afterStalls: 2, action: { downtimeMs: 200 } }, { afterStalls: 3, action: { downtimeMs: 300 } },
      { afterStalls: 4, action: { downtimeMs: 400 } }, { afterStalls: 6, action: { downtimeMs: 500 } }, { afterStalls: 7, action: "abort" },
    ],
  },
  "suspend-if-needed": {
    autoConverge: true, downtimeMs: 100,
    steps: [
      { afterStalls: 1, action: { downtimeMs: 150 } }, { afterStalls: 2, action: { downtimeMs: 200 } }, { afterStalls: 3, action: { downtimeMs: 300 } },
      { afterStalls: 4, action: { downtimeMs: 400 } }, { afterStalls: 6, action: { downtimeMs: 500 } }, { afterStalls: 7, action: { downtimeMs: 5000 } },
      { afterStalls: 9, action: "abort" },
    ],
  },
  "post-copy": {
    autoConverge: true, downtimeMs: 100,
    steps: [{ afterStalls: 1, action: { downtimeMs: 150 } }, { afterStalls: 2, action: { downtimeMs: 200 } }, { afterStalls: 3, action: "post-copy" }],
  },
  "very-large": {
    autoConverge: true, downtimeMs: 300,
    steps: [{ afterStalls: 1, action: { downtimeMs: 1500 } }, { afterStalls: 2, action: { downtimeMs: 5000 } }, { afterStalls: 4, action: "abort" }],
  },
};

/** May the policy come to post-copy? libvirt wants to know before the move begins. */
export function usesPostCopy(policy: MigrationPolicy): boolean {
  return LADDERS[policy].steps.some(({ action }) => action === "post-copy");
}

/** A round that leaves less than this share of the best one before it brought something. */
const PROGRESS = 0.9;

/** Follows a move's rounds and says what is to be done. A round is one pass of QEMU over the memory that was written meanwhile. */
export class Climb {
  readonly #ladder: Ladder;
  #round = 0;
  /** What the present round had to send, as far as was seen. */
  #ofRound = 0;
  /** The least that a round had to send. */
  #least = Number.POSITIVE_INFINITY;
  #stalls = 0;
  #taken = 0;

  constructor(ladder: Ladder) {
    this.#ladder = ladder;
  }

  /** Takes in what libvirt says now, and returns the steps that are due. */
  see(round: number, remainingBytes: number): Action[] {
    if (round > this.#round) {
      if (this.#round > 0) this.#end();
      this.#round = round;
      this.#ofRound = 0;
    }
    this.#ofRound = Math.max(this.#ofRound, remainingBytes);
    const due: Action[] = [];
    for (let step = this.#ladder.steps[this.#taken]; step !== undefined && step.afterStalls <= this.#stalls; step = this.#ladder.steps[this.#taken]) {
      due.push(step.action);
      this.#taken += 1;
    }
    return due;
  }

  /** The round that was seen is over. Rounds that are too short to be seen do not count: little is left to be sent then. */
  #end(): void {
    if (this.#ofRound < this.#least * PROGRESS) this.#least = this.#ofRound;
    else this.#stalls += 1;
  }
}
