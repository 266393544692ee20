import { execFile } from "node:child_process";
import { DroverError } from "../provider/base/error.js";

/** The environment of every program that the lab starts: sbin on the path, no words but English. */
export const LAB_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};

export interface RunOptions {
  /** What the program reads from its standard input. */
  readonly input?: string;
  readonly cwd?: string;
  /** Added to {@link LAB_ENVIRONMENT}. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface RunResult {
  /** The exit code; 128 and up when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and returns how it ended; throws only when it could not be started. */
export function runAny(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = "", ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = execFile(program, rest, {
      cwd: options.cwd ?? "/",
      env: { ...LAB_ENVIRONMENT, ...options.env },
      timeout: options.timeoutMs ?? 0,
      killSignal: "SIGKILL",
      maxBuffer: 64 * 1024 * 1024,
    }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code === "string") {
        reject(new DroverError({ attempted: `run ${program}`, answer: error.message, next: `install ${program}; lab/packages.json names the packages of the lab`, cause: error }));
        return;
      }
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 128;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on("error", () => { /* A program that ends without reading its input says so by its exit code. */ });
    child.stdin?.end(options.input ?? "");
  });
}

/**
 * Runs a program and returns its standard output.
 * @throws DroverError with what the program said when it does not exit with 0.
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runAny(command, options);
  if (code !== 0) {
    throw new DroverError({ attempted: `run ${command.join(" ")}`, answer: `exit code ${code}: ${(stderr.trim() || stdout.trim()).slice(-2_000)}` });
  }
  return stdout;
}
