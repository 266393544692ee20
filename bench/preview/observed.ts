/** Environment variable with the path of the file to which each check of a Placement is added, a line of JSON. */
export const CHECKS_FILE = "BENCH_CHECKS";

export interface ObservedCheck {
  /** By the clock, as milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  /** Of the provider process meanwhile. */
  readonly cpuSeconds: number;
}
