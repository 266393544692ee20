import { DroverError, type ErrorParts } from "../base/error.js";

/** Why a host could not be reached, for code that decides what to do about it; the text is for people. */
export type TransportFailure =
  /** No answer in time. */
  | "timeout"
  /** The machine takes the connection, and then says nothing. */
  | "mute"
  /** The machine answers, nothing listens there. */
  | "refused"
  /** No way to the machine's network. */
  | "unreachable"
  /** A jump host did not reach it, and does not say why. */
  | "jump-failed"
  /** Its name has no address. */
  | "unresolved"
  /** The connection ended after it was made. */
  | "lost"
  /** This transport was closed by its owner. */
  | "closed"
  /** None of our keys or passwords was accepted, or there was none to offer. */
  | "key-refused"
  | "unknown-host-key"
  | "changed-host-key"
  | "revoked-host-key"
  /** libvirt's socket is not there. */
  | "no-socket"
  /** The user may not open libvirt's socket. */
  | "permission-denied"
  /** sshd does not pass connections on to the socket, and no helper on the host does either. */
  | "forwarding-refused"
  /** A TLS certificate, ours or the host's, is missing or was not accepted. */
  | "certificate"
  /** A setting that is wrong, missing, or of a kind that we do not do. */
  | "configuration"
  /** The other side does not speak the protocol that was expected. */
  | "protocol"
  /** The transport cannot do this, such as a command over TLS. */
  | "unsupported";

/** A host could not be reached, with the reason as a word in `reason`. */
export class TransportError extends DroverError {
  override readonly name = "TransportError";
  readonly reason: TransportFailure;

  constructor(reason: TransportFailure, parts: ErrorParts) {
    super(parts);
    this.reason = reason;
  }
}
