import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { nodeRelease, oldestNode, toolsFolder } from "./place.mjs";
import { atLeast, capture, isExecutable } from "./process.mjs";
import { StepError } from "./step.mjs";

const installed = join(toolsFolder, `node-${nodeRelease}`, "node_modules", "node", "bin", "node");

/**
 * The Node that builds, tests and runs programs here: this one when it is new enough, else the installed one.
 * @returns {string} full path
 */
export function nodeProgram() {
  return atLeast(process.version, oldestNode) ? process.execPath : installed;
}

/** The folder of {@link nodeProgram}, for PATH. */
export function nodeFolder() {
  return dirname(nodeProgram());
}

/**
 * The folder that native modules are compiled against, of the installed Node; a Node of the machine's brings its own.
 * @returns {string | undefined} full path of the folder that has `include/node` in it
 */
export function nodeHeaders() {
  if (nodeProgram() !== installed) return undefined;
  const packageFolder = dirname(dirname(installed));
  return [packageFolder, join(packageFolder, "node_modules", `node-${process.platform}-${process.arch}`)].find((folder) => existsSync(join(folder, "include", "node", "node.h")));
}

/** Installs a Node that runs TypeScript programs by itself, when the machine's is older. */
export async function installNode() {
  if (nodeProgram() === process.execPath) return `this machine's ${process.version}`;
  if (isExecutable(installed)) return `${await versionOf(installed)}, installed before`;

  const target = join(toolsFolder, `node-${nodeRelease}`);
  const staging = `${target}.partial`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  // A package.json of its own: npm would else take the next folder upwards that has one for the project.
  await writeFile(join(staging, "package.json"), '{ "private": true }\n');
  const done = await capture(["npm", "install", "--prefix", staging, "--no-audit", "--no-fund", `node@${nodeRelease}`], { cwd: staging });
  const program = join(staging, "node_modules", "node", "bin", "node");
  if (done.code !== 0 || !isExecutable(program)) {
    throw new StepError(`npm install node@${nodeRelease} failed:\n${done.stderr}${done.stdout}`,
      `install Node ${oldestNode} or newer from https://nodejs.org/ so that \`node --version\` shows it, and run this again`);
  }
  await versionOf(program);
  await rm(target, { recursive: true, force: true });
  await rename(staging, target);
  return `${await versionOf(installed)} from the npm package, for this machine has ${process.version}`;
}

/** @param {string} program */
async function versionOf(program) {
  const asked = await capture([program, "--version"]);
  if (asked.code !== 0) {
    throw new StepError(`${program} does not run: ${asked.stderr}`, `install Node ${oldestNode} or newer from https://nodejs.org/ and run this again`);
  }
  return asked.stdout.trim();
}
