import process from "node:process";

/** A step that could not be done: what was wrong, and what to do by hand. */
export class StepError extends Error {
  /**
   * @param {string} what what was attempted and what came of it
   * @param {string} next what to do by hand
   */
  constructor(what, next) {
    super(`${what}\n  next: ${next}`);
    this.name = "StepError";
  }
}

/**
 * Runs one step of set-up, and says what it does and how long it took. The step returns what it did in a few words.
 * @param {string} title such as `"npm packages"`
 * @param {() => Promise<string>} work idempotent; throws a {@link StepError} when it cannot be done
 * @returns {Promise<void>}
 */
export async function step(title, work) {
  const started = performance.now();
  try {
    const outcome = await work();
    say(`  ✓ ${title}: ${outcome} (${seconds(started)})`);
  } catch (error) {
    say(`  ✗ ${title} (${seconds(started)})`);
    throw error;
  }
}

/**
 * One line for the person at the terminal.
 * @param {string} line
 */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {number} startedMs */
function seconds(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

/**
 * Runs a command's main function: a {@link StepError} is told as it is, anything else with its stack.
 * @param {() => Promise<number>} command returns the exit code
 */
export async function runCommand(command) {
  try {
    process.exitCode = await command();
  } catch (error) {
    const text = error instanceof StepError ? error.message : error instanceof Error ? error.stack ?? error.message : String(error);
    process.stderr.write(`\n${text}\n`);
    process.exitCode = 1;
  }
}
