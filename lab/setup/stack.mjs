import { labFence, readLab } from "./lab.mjs";
import { childEnvironment } from "./environment.mjs";
import { stackName } from "./place.mjs";
import { attach, capture } from "./process.mjs";
import { StepError } from "./step.mjs";

/**
 * A VM as the example exports it.
 * @typedef {object} VmRow
 * @property {string} name
 * @property {string} [host]
 * @property {string} [ipAddress]
 */

export async function hasStack() {
  return (await pulumi(["stack", "ls", "--json"])).includes(`"name": "${stackName}"`);
}

/** Makes the example's own stack and sets in it what the lab offers. Nothing is selected: your own choice of stack stays. */
export async function prepareStack() {
  const isNew = !(await hasStack());
  if (isNew) await pulumi(["stack", "init", stackName, "--no-select"]);
  const lab = await readLab();
  const { devices, password } = await labFence();
  const wanted = { image: lab.images.tiny, sharedFolder: lab.sharedPath, bridge: lab.guestNetwork.bridge, fence: JSON.stringify(devices) };
  /** @type {unknown} */
  const present = JSON.parse(await pulumi(["config", "--json", "--show-secrets", "--stack", stackName]));
  const values = /** @type {Record<string, { value?: string } | undefined>} */ (present);
  const changed = Object.entries(wanted).filter(([name, value]) => values[`three-hosts:${name}`]?.value !== value);
  if (changed.length > 0) await pulumi(["config", "set-all", "--stack", stackName, ...changed.flatMap(([name, value]) => ["--plaintext", `${name}=${value}`])]);
  const hasPassword = values["three-hosts:fencePassword"]?.value === password;
  // By its input: a command line is everybody's to read.
  if (!hasPassword) await pulumi(["config", "set", "fencePassword", "--secret", "--stack", stackName], password);
  return isNew ? `made "${stackName}"` : changed.length > 0 || !hasPassword ? "settings changed" : "as it was";
}

/** Forgets the example's stack. It deletes nothing on any host. */
export async function forgetStack() {
  if (!(await hasStack())) return "there is none";
  await pulumi(["stack", "rm", stackName, "--force", "--yes"]);
  return `removed "${stackName}"`;
}

/** Carries the example out, with what Pulumi shows of it on the terminal. */
export async function upExample() {
  const code = await attach(["pulumi", "up", "--stack", stackName, "--yes", "--skip-preview", "--refresh"], { env: await childEnvironment() });
  if (code !== 0) throw new StepError("pulumi up of the example failed", "see what it says above; then `npm start` again, it goes on from there");
  return "as the example says";
}

/** @returns {Promise<readonly VmRow[]>} */
export async function exampleVms() {
  /** @type {unknown} */
  const outputs = JSON.parse(await pulumi(["stack", "output", "--json", "--stack", stackName]));
  const { vms } = /** @type {{ vms?: VmRow[] }} */ (outputs);
  return vms ?? [];
}

/**
 * @param {readonly string[]} args
 * @param {string} [input]
 */
async function pulumi(args, input) {
  const done = await capture(["pulumi", ...args, "--non-interactive"], { env: await childEnvironment(), ...(input === undefined ? {} : { input }) });
  if (done.code !== 0) throw new StepError(`pulumi ${args.join(" ")} failed:\n${done.stderr}${done.stdout}`, "see to what it says; `npm run stop` forgets the example's stack");
  return done.stdout;
}
