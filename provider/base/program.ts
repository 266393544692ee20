import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

export interface ProgramOptions {
  /** What it reads on its standard input. */
  readonly input: string;
  /** After how long it is ended. */
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
  /** Ends it, and rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How a program ended. */
export interface ProgramAnswer {
  /** Its exit code; 128 where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Time was up, and it was killed. */
  readonly wasLate: boolean;
}

/** What programs need of ours to find their way: files, time, language, the way out. Of Pulumi's passphrase, tokens and the like they need nothing. */
const SHARED: readonly string[] = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/** An environment for a program that is not ours: what it needs of this one, and what is said. */
export function smallEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(SHARED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]))), ...more };
}

/** What is kept of a program's words, in characters. */
const MOST_KEPT = 65_536;
/** How long what was killed may take to go, and what left its group may hold its output open. */
const GRACE_MS = 1_000;

/**
 * Runs a program of this machine to its end, and with it all that it started: it has a process group of its own, which is killed when
 * it has ended, when time is up or when the signal says so.
 * @throws Error of the system's when it cannot be started
 * @example const { code, stderr } = await runProgram("/bin/sh", ["-c", command], { input: "", timeoutMs: 30_000, env: smallEnvironment() });
 */
export async function runProgram(path: string, args: readonly string[], { input, timeoutMs, env, signal }: ProgramOptions): Promise<ProgramAnswer> {
  signal?.throwIfAborted();
  const child = spawn(path, args, { detached: true, stdio: ["pipe", "pipe", "pipe"], env });
  const output = Promise.all([kept(child.stdout), kept(child.stderr)]);
  const limit = AbortSignal.timeout(timeoutMs);
  const cut = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const end = (): void => { killGroup(child.pid); };
  cut.addEventListener("abort", end, { once: true });
  // One that ends before it has read its input says by its exit code what it has against it.
  child.stdin.on("error", () => { /* Said by the exit code. */ });
  child.stdin.end(input);
  try {
    const code = await exitOf(child, cut);
    end();
    const [stdout, stderr] = await Promise.race([output, delay(GRACE_MS, ["", ""] as const, { ref: false })]);
    signal?.throwIfAborted();
    return { code, stdout, stderr, wasLate: limit.aborted };
  } finally {
    cut.removeEventListener("abort", end);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** The exit code, 128 where a signal ended it. One that was killed and does not go (it waits in the kernel) is left alone. */
async function exitOf(child: ChildProcess, cut: AbortSignal): Promise<number> {
  const done = new AbortController();
  const late = once(cut, "abort", { signal: done.signal }).then(() => delay(GRACE_MS, [null]));
  try {
    const [code] = await Promise.race([once(child, "exit") as Promise<[number | null]>, ...(cut.aborted ? [] : [late])]);
    return code ?? 128;
  } finally {
    late.catch(() => { /* It was not needed. */ });
    done.abort();
  }
}

/** Ends what is left of a program's process group. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function kept(stream: Readable): Promise<string> {
  let text = "";
  let droppedParts = 0;
  stream.setEncoding("utf8");
  stream.on("data", (part: string) => {
    if (text.length + part.length <= MOST_KEPT) text += part;
    else droppedParts += 1;
  });
  await new Promise((resolve) => { stream.once("close", resolve); });
  // Not the half of a line: there may be the half of a secret in it.
  return droppedParts === 0 ? text : text.slice(0, Math.max(0, text.lastIndexOf("\n")));
}
