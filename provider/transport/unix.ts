import { spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { DEFAULT_CONNECT_TIMEOUT_MS, DEFAULT_EXEC_TIMEOUT_MS, type ExecOptions, type ExecResult } from "./host-transport.js";
import { messageOf } from "../base/error.js";
import { SocketTransport } from "./socket-transport.js";
import { connectSocket } from "./socket.js";
import { TransportError } from "./transport-error.js";

/** Where the daemons listen: the one that does all, and the one for QEMU where each driver has its own. */
export const LIBVIRT_SOCKETS = ["/var/run/libvirt/libvirt-sock", "/var/run/libvirt/virtqemud-sock"] as const;

/** The local daemon's socket; commands run on this machine. */
export class UnixTransport extends SocketTransport {
  readonly #socket: string | undefined;
  readonly #timeoutMs: number;

  constructor(options: { label: string; socket?: string | undefined; connectTimeoutMs?: number | undefined }) {
    super(options.label);
    this.#socket = options.socket;
    this.#timeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  }

  protected async connect(): Promise<Duplex> {
    const open = (path: string): Promise<Duplex> => connectSocket({ address: { path }, label: this.label, timeoutMs: this.#timeoutMs });
    if (this.#socket !== undefined) return open(this.#socket);
    const [usual, forQemu] = LIBVIRT_SOCKETS;
    try {
      return await open(usual);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      // The usual place is the one to speak of when neither has a socket.
      return await open(forQemu).catch((second: unknown) => {
        throw isAbsent(second) ? error : second;
      });
    }
  }

  exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const [program, ...args] = command;
    const fail = (answer: string, reason: TransportError["reason"], cause?: unknown): TransportError =>
      new TransportError(reason, { attempted: `run ${program ?? "a command"}`, host: this.label, answer, cause });
    if (program === undefined) return Promise.reject(fail("the command is empty", "configuration"));
    const timeoutMs = options.timeoutMs ?? DEFAULT_EXEC_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args);
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, timeoutMs);
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      // A command that ends without reading its input is no failure: its code and words are.
      child.stdin.on("error", () => {});
      child.stdin.end(options.input ?? "");
      child.once("error", (error) => {
        clearTimeout(timer);
        reject(fail(messageOf(error), "configuration", error));
      });
      child.once("close", (code, signal) => {
        clearTimeout(timer);
        if (late) reject(fail(`it did not end within ${timeoutMs / 1000} s and was killed`, "timeout"));
        else if (code === null) reject(fail(`it was killed by ${String(signal)}`, "lost"));
        else resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
      });
    });
  }
}

function isAbsent(error: unknown): error is TransportError {
  return error instanceof TransportError && error.reason === "no-socket";
}
