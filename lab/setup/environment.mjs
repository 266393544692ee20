import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { nodeFolder } from "./node-runtime.mjs";
import { droverFolder, environmentFile, stackName } from "./place.mjs";
import { pulumiFolder } from "./pulumi-cli.mjs";

/**
 * What programs here need in their environment. Pulumi keeps the example's state in a file backend in this repository,
 * so that no login and no stack that you have is ever touched.
 * @param {string} [lab] name of the lab whose hosts are reached by name
 * @returns {Promise<Record<string, string>>}
 */
export async function settings(lab = "lab") {
  const backend = join(droverFolder, "pulumi");
  await mkdir(backend, { recursive: true });
  const sshConfig = join(droverFolder, "lab", lab, "ssh_config");
  return {
    PULUMI_BACKEND_URL: `file://${backend}`,
    // It guards nothing: the example has no secrets, and its state is on this machine alone.
    PULUMI_CONFIG_PASSPHRASE: "drover",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: stackName,
    ...(existsSync(sshConfig) ? { DROVER_SSH_CONFIG: sshConfig } : {}),
  };
}

/** The environment for child processes: this one's, {@link settings}, and the right `node` and `pulumi` first on PATH. */
export async function childEnvironment() {
  const folders = [nodeFolder(), await pulumiFolder()];
  return { ...process.env, ...(await settings()), PATH: [...folders, process.env["PATH"] ?? ""].join(delimiter) };
}

/** Writes the settings for a bare `pulumi` to a file that a shell can source. */
export async function writeEnvironmentFile() {
  const folders = [nodeFolder(), await pulumiFolder()].map(quoted).join(":");
  const lines = [
    "# Settings for a bare `pulumi` in this repository: source this file in a POSIX shell.",
    `export PATH=${folders}:"$PATH"`,
    ...Object.entries(await settings()).map(([name, value]) => `export ${name}=${quoted(value)}`),
  ];
  const text = `${lines.join("\n")}\n`;
  if (existsSync(environmentFile) && (await readFile(environmentFile, "utf8")) === text) return "as it was";
  await writeFile(environmentFile, text);
  return `written to ${environmentFile}`;
}

/**
 * A word as a POSIX shell reads it.
 * @param {string} word
 */
export function quoted(word) {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
