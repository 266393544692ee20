import { connect, type Socket } from "node:net";
import { TransportError, type TransportFailure } from "./transport-error.js";

/** Where a socket leads, and what its errors say about it. */
export interface SocketTarget {
  readonly address: { readonly host: string; readonly port: number; readonly family?: 4 | 6 } | { readonly path: string };
  /** What errors call the host. */
  readonly label: string;
  readonly timeoutMs: number;
}

/**
 * A connected socket, without Nagle's delay. What becomes of it later is told by its `close` and its `errored`; nobody has to
 * listen to its errors.
 * @throws TransportError: `timeout`, `refused`, `unreachable`, `unresolved`, `no-socket`, `permission-denied`.
 */
export function connectSocket(target: SocketTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Node's 250 ms for each of a name's addresses are too few for a far host.
    const socket = connect({ ...target.address, noDelay: true, autoSelectFamilyAttemptTimeout: 2_500 });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(silence(target));
    }, target.timeoutMs);
    const failed = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      reject(refusal(error, target));
    };
    // It stays: who gets the socket may not listen yet when the host resets it, and an error that nobody hears ends the process.
    socket.on("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

function describe(target: SocketTarget): string {
  const { address } = target;
  return "path" in address ? address.path : `${address.host.includes(":") ? `[${address.host}]` : address.host} port ${address.port}`;
}

function silence(target: SocketTarget): TransportError {
  return new TransportError("timeout", {
    attempted: `connect to ${describe(target)}`,
    host: target.label,
    answer: `no answer within ${target.timeoutMs / 1000} s`,
    next: "check that the host is up, that its address is right, and that no firewall drops the connection",
  });
}

const FAILURES: Readonly<Record<string, TransportFailure>> = {
  ENOTFOUND: "unresolved", EAI_AGAIN: "unresolved", EAI_NODATA: "unresolved", EAI_NONAME: "unresolved",
  ECONNREFUSED: "refused", ECONNRESET: "refused",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "unreachable", ENETUNREACH: "unreachable", EHOSTDOWN: "unreachable", ENETDOWN: "unreachable",
  ENOENT: "no-socket", ENOTDIR: "no-socket", ENOTSOCK: "no-socket",
  EACCES: "permission-denied", EPERM: "permission-denied",
};

function refusal(error: NodeJS.ErrnoException, target: SocketTarget): TransportError {
  const reason = FAILURES[error.code ?? ""] ?? "unreachable";
  const { address, label } = target;
  if ("path" in address) return socketRefusal(reason, address.path, label, error.message, error);
  // A name with several addresses fails with one error for each and no message of its own.
  const answer = error.message === "" ? (error.code ?? "no address answered") : error.message;
  const next: Partial<Record<TransportFailure, string>> = {
    unresolved: `check the name "${address.host}" in the URI, or give it an address in DNS, /etc/hosts or by HostName in the ssh configuration file`,
    refused: `check that the service runs on the host and listens on port ${address.port}`,
  };
  return new TransportError(reason, {
    attempted: `connect to ${describe(target)}`,
    host: label,
    answer: reason === "unresolved" ? `the name "${address.host}" has no address (${answer})` : answer,
    next: next[reason] ?? "check that the host is up and that a route leads to it",
    cause: error,
  });
}

/** What it means when libvirt's own socket cannot be opened, on this machine or through ssh. */
export function socketRefusal(reason: TransportFailure, path: string, label: string, answer: string, cause?: unknown, user?: string): TransportError {
  const next: Partial<Record<TransportFailure, string>> = {
    "no-socket": "install libvirt-daemon-system and start it: systemctl enable --now libvirtd.socket (or virtqemud.socket); a socket elsewhere is named with ?socket=/path",
    "refused": "the socket is there but no daemon listens: systemctl restart libvirtd.socket libvirtd",
    "permission-denied": `let the user into libvirt's group: usermod -aG libvirt ${user ?? "USER"} (as root, on the host), or connect as root`,
  };
  return new TransportError(reason, { attempted: `open libvirt's socket ${path}`, host: label, answer, next: next[reason] ?? "check the host's libvirt daemon", cause });
}
