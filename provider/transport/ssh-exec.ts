import type { ClientChannel } from "ssh2";
import { messageOf } from "../base/error.js";
import { DEFAULT_EXEC_TIMEOUT_MS, type ExecOptions, type ExecResult } from "./host-transport.js";
import { quoteCommand } from "./ssh-command.js";
import type { SshConnection } from "./ssh-connection.js";
import { TransportError } from "./transport-error.js";

/**
 * Runs a command over an ssh connection and waits for its end.
 * @throws TransportError when the host starts no commands, the command was killed, or took too long (then it is killed).
 */
export async function runCommand(connection: SshConnection, command: readonly string[], options: ExecOptions, label: string): Promise<ExecResult> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_EXEC_TIMEOUT_MS;
  const fail = (reason: TransportError["reason"], answer: string, next?: string, cause?: unknown): TransportError =>
    new TransportError(reason, { attempted: `run ${command[0] ?? "a command"}`, host: label, answer, next, cause });
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let exit: { code: number | null; signal: string | undefined } | undefined;
    const start = (channel: ClientChannel): void => {
      const timer = setTimeout(() => {
        channel.signal("KILL");
        channel.close();
        reject(fail("timeout", `it did not end within ${timeoutMs / 1000} s and was given up`));
      }, timeoutMs);
      channel.on("data", (chunk: Buffer) => stdout.push(chunk));
      channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      channel.on("exit", (code: number | null, signal?: string) => {
        exit = { code, signal };
      });
      channel.on("error", (error: Error) => {
        clearTimeout(timer);
        reject(fail("lost", error.message, undefined, error));
      });
      channel.on("close", () => {
        clearTimeout(timer);
        if (exit === undefined) reject(connection.lost ?? fail("lost", "it ended without an exit code"));
        else if (exit.code === null) reject(fail("lost", `it was killed by ${exit.signal ?? "a signal"}`));
        else resolve({ code: exit.code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
      });
      channel.end(options.input ?? "");
    };
    connection.exec(quoteCommand(command), start).catch((error: unknown) => {
      reject(error instanceof TransportError ? error
        : fail("unsupported", messageOf(error), "let the account run commands: no ForceCommand or restricting command= in its authorized_keys, and MaxSessions above 0", error));
    });
  });
}
