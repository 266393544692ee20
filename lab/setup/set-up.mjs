import { build } from "./build.mjs";
import { writeEnvironmentFile } from "./environment.mjs";
import { installNode } from "./node-runtime.mjs";
import { installNpmPackages } from "./npm-packages.mjs";
import { installPulumi } from "./pulumi-cli.mjs";
import { say, step } from "./step.mjs";
import { installSystemPackages } from "./system-packages.mjs";

/**
 * All of set-up: every step does nothing when it was done before.
 * @param {{ lab: boolean, purposes?: readonly string[] }} what whether the lab's system packages are wanted, and for what
 *   more than the lab itself (`gluster`, `debian`)
 */
export async function setUp({ lab, purposes = [] }) {
  say("Set-up");
  await step("Node", installNode);
  await step("npm packages", installNpmPackages);
  if (lab) await step("system packages", () => installSystemPackages(purposes));
  await step("Pulumi CLI", installPulumi);
  await step("build", build);
  await step("settings", writeEnvironmentFile);
}
