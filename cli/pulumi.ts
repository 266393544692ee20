import { execFile } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { promisify } from "node:util";
import { DroverError, messageOf } from "../provider/base/error.js";

const runFile = promisify(execFile);
/** A state of some 2,000 VMs is this large. */
const MOST_OUTPUT_BYTES = 512 * 1024 ** 2;

/** Runs the Pulumi command and returns what it wrote. @throws DroverError with its words */
export async function pulumi(words: readonly string[]): Promise<string> {
  try {
    return (await runFile("pulumi", words, { maxBuffer: MOST_OUTPUT_BYTES })).stdout;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new DroverError({ attempted: `run pulumi ${words.join(" ")}`, answer: stderr === undefined || stderr === "" ? messageOf(error) : stderr.trim(), cause: error,
      next: "run this in the folder of the Pulumi project, with `pulumi` on PATH" });
  }
}

/** Asks the operator, who must type `yes`. @throws DroverError without a terminal */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new DroverError({ attempted: "ask whether to go on", answer: "there is no terminal", next: "say --yes" });
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await reader.question(`${question} Type yes: `)).trim() === "yes";
  } finally {
    reader.close();
  }
}
