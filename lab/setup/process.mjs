import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { root } from "./place.mjs";

/**
 * What a finished program left.
 * @typedef {object} Finished
 * @property {number} code exit code; 127 when the program is not there, 128 and the signal's effect when it was killed
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end and keeps what it wrote.
 * @param {readonly [string, ...string[]]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, input?: string }} [options]
 * @returns {Promise<Finished>}
 */
export function capture(command, options = {}) {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => { stdout += text; });
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => { stderr += text; });
    child.once("error", (error) => { resolve({ code: 127, stdout, stderr: `${stderr}${error.message}` }); });
    child.once("close", (code, signal) => {
      resolve({ code: code ?? 128, stdout, stderr: signal === null ? stderr : `${stderr}\nended by ${signal}` });
    });
    // A program that ends before it has read its input is judged by its exit code.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

/**
 * Runs a program on the terminal: it reads and writes there itself.
 * @param {readonly [string, ...string[]]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: only its standard error is shown
 * @returns {Promise<number>} its exit code
 */
export function attach(command, options = {}) {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd ?? root, env: options.env ?? process.env, stdio: ["inherit", options.quiet === true ? "ignore" : "inherit", "inherit"] });
    // Ctrl-C reaches the whole terminal: the program ends in its own way, and we after it.
    const ignore = () => {};
    process.on("SIGINT", ignore);
    // A signal to us alone would leave it behind.
    const pass = () => { child.kill("SIGTERM"); };
    process.on("SIGTERM", pass);
    const done = () => { process.off("SIGINT", ignore).off("SIGTERM", pass); };
    child.once("error", (error) => { done(); reject(error); });
    child.once("close", (code) => { done(); resolve(code ?? 130); });
  });
}

/**
 * The full path of a program on PATH, or undefined.
 * @param {string} program
 * @param {string} [path] default: the environment's
 */
export function onPath(program, path = process.env["PATH"] ?? "") {
  return path.split(delimiter).filter((folder) => folder !== "").map((folder) => join(folder, program)).find(isExecutable);
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    const stats = statSync(file);
    return stats.isFile() && stats.size > 0;
  } catch {
    return false;
  }
}

/**
 * Is version `a` (such as `"v22.18.0"`) at least `b`?
 * @param {string} a
 * @param {string} b
 */
export function atLeast(a, b) {
  const [left, right] = [a, b].map((version) => version.replace(/^[^0-9]*/, "").split(/[.+-]/).slice(0, 3).map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * How commands become root: nothing to add for root, `sudo` for others, undefined when there is no way.
 * @returns {readonly string[] | undefined}
 */
export function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return onPath("sudo") === undefined ? undefined : ["sudo"];
}
