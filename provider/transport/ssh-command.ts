import { TransportError } from "./transport-error.js";

/**
 * A command line for a login shell of the POSIX kind that runs exactly these arguments.
 * @throws TransportError (`configuration`) for an empty command and for an argument with a NUL.
 * @example quoteCommand(["touch", "a b"]) === "touch 'a b'"
 */
export function quoteCommand(command: readonly string[]): string {
  if (command.length === 0) throw new TransportError("configuration", { attempted: "run a command", answer: "the command is empty" });
  return command.map(quoteArgument).join(" ");
}

/** One argument, quoted where a shell would read more than plain text in it. */
export function quoteArgument(argument: string): string {
  if (argument.includes("\0")) throw new TransportError("configuration", { attempted: "run a command", answer: "an argument holds a NUL character, which no program can receive" });
  return /^[\w./:@+,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
