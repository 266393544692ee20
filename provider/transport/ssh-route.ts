import type { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import { messageOf } from "../base/error.js";
import { socketRefusal } from "./socket.js";
import { SshChannelStream } from "./ssh-channel-stream.js";
import { quoteCommand } from "./ssh-command.js";
import type { SshConnection } from "./ssh-connection.js";
import { runCommand } from "./ssh-exec.js";
import { TransportError, type TransportFailure } from "./transport-error.js";
import { LIBVIRT_SOCKETS } from "./unix.js";

/** How libvirt's socket is reached on a host; the first that works is kept for the connection's life. */
export type SocketRoute =
  | { readonly kind: "stream-local"; readonly path: string }
  | { readonly kind: "helper"; readonly path: string; readonly commandLine: string };

/** Whose socket is looked for. */
export interface RouteTarget {
  readonly label: string;
  readonly user: string;
  /** Absent: the usual places. */
  readonly socket?: string | undefined;
}

/** How long a helper may take to say that nobody listens, where the kernel's list of sockets does not say so at once. */
const HELPER_VERDICT_MS = 1_000;

/**
 * Says for each socket what the user may do with it and whether a daemon listens (flag __SO_ACCEPTCON in /proc/net/unix),
 * and which helpers the host has.
 */
const PROBE = `for s do
  d=\${s%/*}
  if [ -S "$s" ]; then if [ -r "$s" ] && [ -w "$s" ]; then echo "usable $s"; else echo "denied $s"; fi
  elif [ -d "$d" ] && [ ! -x "$d" ]; then echo "denied $s"
  else echo "missing $s"; fi
  grep -F -e " 00010000 " /proc/net/unix 2>/dev/null | grep -q -e " \${s#/var}\$" -e " $s\$" && echo "listening $s"
done
command -v virt-ssh-helper >/dev/null 2>&1 && echo "tool virt-ssh-helper"
command -v nc >/dev/null 2>&1 && echo "tool nc"
echo done`;

/** OpenBSD's nc ends with its input only when -q says so; other kinds do not know the option. */
const NETCAT = `if nc -q 2>&1 | grep -q "requires an argument"; then exec nc -q 0 -U "$1"; else exec nc -U "$1"; fi`;

/**
 * Finds the way to libvirt's socket and opens a first stream over it: by ssh's own forwarding, else by `virt-ssh-helper`,
 * else by `nc -U`.
 *
 * @throws TransportError: `no-socket`, `permission-denied`, `refused` (nobody listens), `forwarding-refused`.
 */
export async function findRoute(connection: SshConnection, target: RouteTarget): Promise<{ route: SocketRoute; stream: Duplex }> {
  const paths = target.socket === undefined ? LIBVIRT_SOCKETS : [target.socket];
  let refusal: unknown;
  for (const path of paths) {
    try {
      const route: SocketRoute = { kind: "stream-local", path };
      return { route, stream: await openRoute(connection, route, target) };
    } catch (error) {
      if (error instanceof TransportError && error.reason !== "forwarding-refused") throw error;
      refusal = error;
    }
  }
  const { path, listening, tools } = await probeSockets(connection, paths, target, refusal);
  const helpers = [
    // The helper knows the usual places only.
    ...(target.socket === undefined && tools.has("virt-ssh-helper") ? [quoteCommand(["virt-ssh-helper", "qemu:///system"])] : []),
    ...(tools.has("nc") ? [quoteCommand(["sh", "-c", NETCAT, "sh", path])] : []),
  ];
  let failure: TransportError | undefined;
  for (const commandLine of helpers) {
    const route: SocketRoute = { kind: "helper", path, commandLine };
    try {
      const stream = await openRoute(connection, route, target);
      if (!listening) await staysOpen(stream);
      return { route, stream };
    } catch (error) {
      failure ??= error instanceof TransportError ? error : forwardingRefused(target, path, error);
    }
  }
  throw failure ?? forwardingRefused(target, path, refusal);
}

/** Opens a stream over a route that is known to work. */
export async function openRoute(connection: SshConnection, route: SocketRoute, target: RouteTarget): Promise<Duplex> {
  try {
    if (route.kind === "stream-local") {
      const channel = await connection.forwardUnix(route.path);
      return new SshChannelStream(channel, connection.carrier, () => connection.lost);
    }
    return helperStream(connection, await connection.exec(route.commandLine), route, target);
  } catch (error) {
    if (error instanceof TransportError) throw error;
    throw forwardingRefused(target, route.path, error);
  }
}

/** A helper's stream: when it ends with an error before it passed anything on, its words tell why. */
function helperStream(connection: SshConnection, channel: ClientChannel, route: SocketRoute, target: RouteTarget): Duplex {
  let words = "";
  let received = false;
  let code: number | null = 0;
  channel.stderr.on("data", (chunk: Buffer) => {
    if (words.length < 4_096) words += chunk.toString();
  });
  channel.once("data", () => {
    received = true;
  });
  channel.on("exit", (exitCode: number | null) => {
    code = exitCode;
  });
  return new SshChannelStream(channel, connection.carrier, () => {
    if (connection.lost !== undefined) return connection.lost;
    if (received || code === 0) return undefined;
    const answer = words.trim() === "" ? `the helper ended with code ${String(code)}` : words.trim();
    return socketRefusal(reasonOf(answer), route.path, target.label, answer, undefined, target.user);
  });
}

function reasonOf(words: string): TransportFailure {
  if (/permission denied/i.test(words)) return "permission-denied";
  if (/connection refused/i.test(words)) return "refused";
  return /no such file/i.test(words) ? "no-socket" : "forwarding-refused";
}

/** Rejects when the stream fails within the time that a helper needs to say that it cannot connect. */
function staysOpen(stream: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stream.off("error", failed);
      resolve();
    }, HELPER_VERDICT_MS);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    stream.once("error", failed);
  });
}

/** The socket that the user may open, and the helpers that are there; sshd itself says only that it refuses. */
async function probeSockets(connection: SshConnection, paths: readonly string[], target: RouteTarget, refusal: unknown): Promise<{ path: string; listening: boolean; tools: ReadonlySet<string> }> {
  let lines: string[];
  try {
    const { stdout, stderr } = await runCommand(connection, ["sh", "-c", PROBE, "sh", ...paths], {}, target.label);
    lines = stdout.split("\n");
    // An account with a forced command runs that instead.
    if (!lines.includes("done")) throw new Error(`the account runs no commands: ${stderr.trim() || stdout.trim()}`);
  } catch (error) {
    if (!connection.alive) throw error;
    throw forwardingRefused(target, paths[0] ?? "", refusal, messageOf(error));
  }
  const path = paths.find((candidate) => lines.includes(`usable ${candidate}`));
  if (path !== undefined) {
    const tools = lines.filter((line) => line.startsWith("tool ")).map((line) => line.slice("tool ".length));
    return { path, listening: lines.includes(`listening ${path}`), tools: new Set(tools) };
  }
  const denied = paths.find((candidate) => lines.includes(`denied ${candidate}`));
  if (denied !== undefined) throw socketRefusal("permission-denied", denied, target.label, `permission denied for the user ${target.user}`, refusal, target.user);
  throw socketRefusal("no-socket", paths[0] ?? "", target.label, "there is no such socket: libvirtd is not running, or not installed", refusal);
}

function forwardingRefused(target: RouteTarget, path: string, refusal: unknown, more?: string): TransportError {
  return new TransportError("forwarding-refused", {
    attempted: `open libvirt's socket ${path}`,
    host: target.label,
    answer: `sshd does not pass the connection on (${messageOf(refusal)}), and no helper on the host does${more === undefined ? "" : ` (${more})`}`,
    next: "set AllowStreamLocalForwarding yes in the host's sshd_config and reload sshd, or install virt-ssh-helper (package libvirt-daemon or libvirt-clients) or a netcat that knows -U",
    cause: refusal,
  });
}
