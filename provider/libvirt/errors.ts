import { DroverError } from "../base/error.js";
import { ErrorCode, ErrorDomain } from "./protocol/constants.generated.js";
import type { NetMessageError } from "./protocol/types.generated.js";

/** Bytes that are not of the type that was to be read, or a value that does not fit the type to be written. */
export class XdrError extends Error {
  override readonly name = "XdrError";
}

/**
 * libvirt's refusal of a call.
 * @example
 * catch (error) { if (error instanceof LibvirtError && error.code === ErrorCode.NO_DOMAIN) return undefined; throw error; }
 */
export class LibvirtError extends DroverError {
  override readonly name = "LibvirtError";
  /** What went wrong, one of {@link ErrorCode}. */
  readonly code: number;
  /** Which part of libvirt said so, one of {@link ErrorDomain}. */
  readonly domain: number;
  /** The method that was called. */
  readonly procedure: string;

  constructor(procedure: string, host: string, error: NetMessageError) {
    const code = nameOf(ErrorCode, error.code);
    const domain = nameOf(ErrorDomain, error.domain);
    super({ attempted: `call ${procedure}`, host, answer: `${error.message ?? "no message"} (${code}, from ${domain})`, next: advice(error.code) });
    this.procedure = procedure;
    this.code = error.code;
    this.domain = error.domain;
  }
}

/** The connection ended while a call was under way or before it could be made. */
export class ConnectionLostError extends DroverError {
  override readonly name = "ConnectionLostError";
  /** The call was sent and may have changed something: look before it is made again. False when it was never sent, or only reads. */
  readonly mayHaveHappened: boolean;

  constructor(parts: { attempted: string; host: string; reason: string; mayHaveHappened: boolean; cause?: unknown }) {
    super({
      attempted: parts.attempted, host: parts.host, cause: parts.cause,
      answer: `the connection to libvirt was lost: ${parts.reason}; ${parts.mayHaveHappened ? "the call may or may not have been carried out" : "nothing was changed"}`,
      next: parts.mayHaveHappened ? "look at the object's present state, then run the command again" : "check the host and its libvirtd, then run the command again",
    });
    this.mayHaveHappened = parts.mayHaveHappened;
  }
}

/** The peer does not speak libvirt's protocol as we know it; the connection is closed. */
export class ProtocolError extends DroverError {
  override readonly name = "ProtocolError";

  constructor(host: string, answer: string, cause?: unknown) {
    super({ attempted: "speak libvirt's protocol", host, answer, cause, next: "check that the socket is libvirt's (libvirtd or virtqemud)" });
  }
}

/** Is this libvirt's answer with one of these codes? */
export function isLibvirtError(error: unknown, ...codes: readonly number[]): error is LibvirtError {
  return error instanceof LibvirtError && codes.includes(error.code);
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find((name) => names[name] === value) ?? String(value);
}

function advice(code: number): string | undefined {
  switch (code) {
    case ErrorCode.NO_SUPPORT:
    case ErrorCode.RPC:
      return "this host's libvirt may be too old for the call, or lack the driver for it: compare `virsh version` with the supported versions";
    case ErrorCode.AUTH_FAILED:
    case ErrorCode.AUTH_UNAVAILABLE:
    case ErrorCode.ACCESS_DENIED:
      return "connect as root or as a user of the host's group libvirt";
    default:
      return undefined;
  }
}
