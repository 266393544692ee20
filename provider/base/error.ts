/** What a {@link DroverError} is made of. Every part is text for an operator, free of secrets. */
export interface ErrorParts {
  /** What was attempted, as a verb phrase: `"define domain web-0"`. */
  readonly attempted: string;
  /** The host (its name or URI without credentials) on which it was attempted. */
  readonly host?: string | undefined;
  /** What came back: libvirt's, ssh's or the system's own words. */
  readonly answer: string;
  /** What the operator does next: `"add the key with: ssh-keyscan …"`. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An error that tells what was attempted, where, what came back and what to do next.
 *
 * @example
 * throw new DroverError({ attempted: "start pool disks", host: "ash", answer: "…: No such file or directory",
 *   next: "create the folder /srv/disks on ash, or set build: true" });
 */
export class DroverError extends Error {
  override readonly name: string = "DroverError";
  readonly attempted: string;
  readonly host: string | undefined;
  readonly answer: string;
  readonly next: string | undefined;

  constructor(parts: ErrorParts) {
    const where = parts.host === undefined ? "" : ` on ${parts.host}`;
    const next = parts.next === undefined ? "" : `\n  next: ${parts.next}`;
    super(`could not ${parts.attempted}${where}: ${parts.answer}${next}`, { cause: parts.cause });
    this.attempted = parts.attempted;
    this.host = parts.host;
    this.answer = parts.answer;
    this.next = parts.next;
  }
}

/** The message of anything that was thrown; never throws itself. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
