import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { nodeProgram } from "./node-runtime.mjs";
import { droverFolder, root } from "./place.mjs";
import { attach, rootPrefix } from "./process.mjs";
import { StepError } from "./step.mjs";

/**
 * What set-up reads of a lab's description.
 * @typedef {object} Lab
 * @property {readonly LabHost[]} hosts
 * @property {string} sharedPath
 * @property {{ bridge: string }} guestNetwork
 * @property {{ tiny: string }} images
 */

/**
 * @typedef {object} LabHost
 * @property {string} name
 * @property {string} address
 * @property {string} uri
 * @property {unknown} bmc
 */

/** The lab of `npm start`. */
const labName = "lab";
const labFolder = join(droverFolder, "lab", labName);
const labFile = join(labFolder, "lab.json");

export function hasLab() {
  return existsSync(labFile);
}

/** @returns {Promise<Lab>} */
export async function readLab() {
  /** @type {unknown} */
  const lab = JSON.parse(await readFile(labFile, "utf8"));
  return /** @type {Lab} */ (lab);
}

/**
 * What cuts each host's power, by the host's name, and the password of all: what the example's config takes.
 * @returns {Promise<{ devices: Readonly<Record<string, unknown>>, password: string }>}
 */
export async function labFence() {
  /** @type {unknown} */
  const built = await import(pathToFileURL(join(root, "dist", "lab", "bmc.js")).href);
  const { fenceDeviceOf } = /** @type {{ fenceDeviceOf: (host: LabHost) => Promise<{ secrets: { password: string } }> }} */ (built);
  const { hosts } = await readLab();
  const devices = await Promise.all(hosts.map(async (host) => {
    const { secrets, ...device } = await fenceDeviceOf(host);
    return { name: host.name, device, password: secrets.password };
  }));
  return { devices: Object.fromEntries(devices.map(({ name, device }) => [name, device])), password: devices[0]?.password ?? "" };
}

/** Brings the lab up, or what is missing of it. */
export async function labUp() {
  await labCommand("up");
  const become = rootPrefix() ?? [];
  if (become.length > 0) {
    // Made by root; the programs that use its ssh key are yours.
    const owner = `${String(process.getuid?.() ?? 0)}:${String(process.getgid?.() ?? 0)}`;
    const files = ["ssh_config", "known_hosts", "id_ed25519", "id_ed25519.pub", "bmc-password"].map((name) => join(labFolder, name)).filter(existsSync);
    await attach(["sudo", "chown", owner, ...files]);
  }
  const lab = await readLab();
  return `${lab.hosts.map(({ name }) => name).join(", ")} are up`;
}

/** Takes the lab down and leaves nothing of it. */
export async function labDown() {
  await labCommand("down");
  return "nothing of it is left";
}

/** @param {"up" | "down"} command */
async function labCommand(command) {
  const become = rootPrefix();
  if (become === undefined) throw new StepError("you are not root and there is no sudo", "run this as root");
  const drover = [nodeProgram(), join(root, "dist", "cli", "main.js"), "lab", command, "--name", labName];
  // sudo has a PATH and a home of its own; the images are cached in yours.
  const [program, ...args] = become.length === 0 ? drover : [...become, "env", `HOME=${homedir()}`, `PATH=${process.env["PATH"] ?? ""}`, ...drover];
  const code = await attach([program ?? nodeProgram(), ...args], { quiet: true });
  if (code !== 0) throw new StepError(`drover lab ${command} failed`, `see what it says above; \`npx drover lab status\` shows how the lab is, \`npm run stop\` takes it down`);
}
