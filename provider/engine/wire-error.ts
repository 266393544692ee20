import { messageOf } from "../base/error.js";
import type { Properties } from "./wire.js";

/**
 * An error as Pulumi's dynamic wire shall see it: its text alone.
 *
 * The wire takes more from what is thrown than its message. A numeric `code` becomes the gRPC status, so that libvirt's own
 * code 12 would read "not implemented" to the engine; an `id` means that something was made; and where a check, diff,
 * read or delete fails, the SDK prints `${error}: ${error.stack}` beside the engine's own report.
 */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly #resource: string;

  constructor(resource: string, override readonly cause: unknown) {
    super(messageOf(cause), { cause });
    this.#resource = resource;
    // A failure that operators can meet explains itself; where it arose matters only for a mistake in the code.
    this.stack = isMistake(cause) ? cause.stack ?? cause.message : this.message;
  }

  override toString(): string {
    return this.#resource;
  }
}

/** What Pulumi keeps of a resource that was made in part. Read by the SDK from the error itself. */
export interface MadeInPart {
  readonly id: string;
  /** All inputs too, `__provider` among them. */
  readonly properties: Properties;
  readonly reasons: readonly string[];
}

/** The error by which Pulumi keeps what exists and forces an update on the next run. */
export function partialFailure(resource: string, cause: unknown, part: MadeInPart): WireError & MadeInPart {
  return Object.assign(new WireError(resource, cause), part);
}

function isMistake(cause: unknown): cause is Error {
  return cause instanceof TypeError || cause instanceof ReferenceError;
}
