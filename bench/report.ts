/** One measured figure. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  /** The peer's value from the same run; null where there is none. */
  readonly peer: number | null;
  readonly peerName: string | null;
  /** What was to be reached, as text; its number decides `met`. */
  readonly goal: Goal;
  /** What else is worth a look, printed as it is: `{ moves: 4 }`. */
  readonly details?: Readonly<Record<string, number | string | null>>;
}

/** A goal for our value or for its ratio to the peer's. */
export interface Goal {
  readonly of: "ours" | "ratio";
  readonly relation: "≥" | "≤";
  readonly value: number;
}

/** A bench that `npm run bench -- NAME` runs. */
export interface Bench {
  readonly name: string;
  /** One line: what it measures against what. */
  readonly summary: string;
  /** @param args what stands after the name on the command line; the planner's benches read it by `plan/options.ts` */
  run(args: readonly string[]): Promise<void>;
}

/** Prints the figure as one line of JSON; a goal for a ratio without a peer is not met. */
export function report({ bench, figure, unit, ours, peer, peerName, goal, details }: Figure): void {
  const ratio = peer === null || peer === 0 ? null : ours / peer;
  const value = goal.of === "ours" ? ours : ratio;
  const met = value !== null && (goal.relation === "≥" ? value >= goal.value : value <= goal.value);
  console.log(JSON.stringify({
    bench, figure, unit, ours: rounded(ours), peer: peer === null ? null : rounded(peer), peerName, ratio: ratio === null ? null : rounded(ratio),
    goal: `${goal.of} ${goal.relation} ${goal.value}`, met, ...details,
  }));
}

/** The last line on standard error, for a person. */
export function summarize(text: string): void {
  console.error(text);
}

/** Three significant digits, or whole numbers. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The middle one; of an even number the upper of the two. NaN of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
