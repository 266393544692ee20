import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { root } from "./place.mjs";
import { capture, onPath, rootPrefix } from "./process.mjs";
import { say, StepError } from "./step.mjs";

/** Services that come with the packages. The lab runs its own copies of them, in its own namespaces. */
const services = ["libvirtd", "virtlogd", "virtlockd", "libvirt-guests", "ssh", "glusterd", "etcd", "openipmi", "ipmievd", "sanlock", "wdmd", "fence_sanlockd"];

/**
 * Can the embedded lab run here?
 * @returns {string | undefined} why not
 */
export function whyNoLab() {
  if (process.platform !== "linux") return `this system is ${process.platform}`;
  if (rootPrefix() === undefined) return "you are not root and there is no sudo";
  return undefined;
}

/**
 * Installs the Debian packages that the lab needs and names them first.
 * @param {readonly string[]} purposes beyond the lab itself: `gluster`, `debian`, `tests`
 */
export async function installSystemPackages(purposes = []) {
  const wanted = await packagesFor(["base", ...purposes]);
  if (onPath("dpkg-query") === undefined || onPath("apt-get") === undefined) {
    throw new StepError("this machine has no apt-get: the lab's packages are known by their Debian names only",
      `install what these Debian packages hold, and put stand-ins for dpkg-query aside: ${wanted.join(" ")}`);
  }
  const missing = await notInstalled(wanted);
  if (missing.length === 0) return `all ${String(wanted.length)} are installed`;

  const become = rootPrefix();
  const byHand = `sudo apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (become === undefined) throw new StepError(`not root, and no sudo, to install: ${missing.join(" ")}`, `have somebody run: ${byHand}`);
  say(`    these Debian packages will be installed: ${missing.join(" ")}`);
  const newServices = services.filter((service) => !existsUnit(service));
  await withoutStarting(become, async () => {
    await apt(become, ["update"], byHand);
    await apt(become, ["install", "--yes", "--no-install-recommends", ...missing], byHand);
  });
  await disable(become, newServices);
  return `installed ${String(missing.length)}`;
}

/** @param {readonly string[]} purposes */
async function packagesFor(purposes) {
  /** @type {unknown} */
  const parsed = JSON.parse(await readFile(join(root, "lab", "packages.json"), "utf8"));
  const groups = new Map(Object.entries(/** @type {Record<string, string[]>} */ (parsed)));
  return purposes.flatMap((purpose) => {
    const names = groups.get(purpose);
    if (names === undefined) throw new StepError(`no packages are known for "${purpose}"`, `choose from: ${[...groups.keys()].join(", ")}`);
    return names;
  });
}

/** @param {readonly string[]} names */
async function notInstalled(names) {
  const asked = await capture(["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\\n", ...names]);
  const present = new Set(asked.stdout.split("\n").filter((line) => line.endsWith(" installed")).map((line) => line.split(" ")[0]));
  return names.filter((name) => !present.has(name));
}

/**
 * @param {readonly string[]} become
 * @param {readonly string[]} args
 * @param {string} byHand
 */
async function apt(become, args, byHand) {
  const done = await capture(asRoot(become, ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args]));
  if (done.code !== 0) throw new StepError(`apt-get ${args.join(" ")} failed:\n${done.stderr}`, `see to what it says, then: sudo apt-get update; ${byHand}`);
}

/**
 * Debian starts what it installs unless a file says no: a libvirtd or an sshd of the machine's own is not what was asked for.
 * @param {readonly string[]} become
 * @param {() => Promise<void>} work
 */
async function withoutStarting(become, work) {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) {
    await work();
    return;
  }
  await capture(asRoot(become, ["sh", "-c", `printf '#!/bin/sh\\nexit 101\\n' > ${policy} && chmod 755 ${policy}`]));
  try {
    await work();
  } finally {
    await capture(asRoot(become, ["rm", "-f", policy]));
  }
}

/** @param {string} service */
function existsUnit(service) {
  return ["/lib/systemd/system", "/etc/systemd/system"].some((folder) => existsSync(join(folder, `${service}.service`)));
}

/**
 * What was not there before is not started at the next boot either.
 * @param {readonly string[]} become
 * @param {readonly string[]} newServices
 */
async function disable(become, newServices) {
  // This folder is there while systemd runs the machine (sd_booted(3)).
  if (!existsSync("/run/systemd/system")) return;
  const units = newServices.filter(existsUnit).flatMap((service) => [`${service}.service`, `${service}.socket`]);
  if (units.length === 0) return;
  await capture(asRoot(become, ["systemctl", "disable", ...units]));
  say(`    left disabled (the lab runs its own): ${newServices.filter(existsUnit).join(", ")}`);
}

/**
 * @param {readonly string[]} become
 * @param {readonly [string, ...string[]]} command
 * @returns {[string, ...string[]]}
 */
function asRoot(become, command) {
  const [first, ...rest] = [...become, ...command];
  return [first ?? command[0], ...rest];
}
