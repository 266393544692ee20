import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { FenceDevice } from "../provider/apply/fence.js";
import type { Log } from "../provider/base/log.js";
import { bmcName, killBmc, markOf } from "./machine.js";
import type { Lab, LabBmc, LabHost, LabNetwork } from "./model.js";
import { packageRoot, type LabPlace } from "./place.js";
import { LAB_ENVIRONMENT } from "./run.js";
import { waitFor } from "./wait.js";

/**
 * What can be wrong with a BMC: `down` answers nothing; `deaf` acknowledges that it switches the power, does nothing and says
 * truly that nothing changed; `lying` does nothing either and says that the power is as it was told.
 */
export type BmcFault = "down" | "deaf" | "lying";
export const BMC_FAULTS: readonly BmcFault[] = ["down", "deaf", "lying"];

const FIRST_PORT = 6230;
const USERNAME = "admin";

/** The BMC of the host with that index: all listen at the machine's own end of the lab's network, for it is there without any host. */
export function bmcAt(place: LabPlace, network: LabNetwork, index: number): LabBmc {
  return { address: network.client, port: FIRST_PORT + index, username: USERNAME, passwordFile: join(place.directory, "bmc-password") };
}

/** The fence device that a lab host's BMC is. */
export async function fenceDeviceOf({ bmc }: LabHost): Promise<FenceDevice> {
  return {
    agent: "ipmilan",
    // Cipher suite 3: asked for a better one, ipmi_sim does not answer, and each question takes 14 s.
    parameters: { ip: bmc.address, ipport: bmc.port, username: bmc.username, lanplus: true, cipher: "3", power_wait: 0 },
    secrets: { password: (await readFile(bmc.passwordFile, "utf8")).trim() },
  };
}

/** Makes the password of the lab's BMCs, unless it is there. */
export async function writeBmcPassword({ hosts }: Lab): Promise<void> {
  const [host] = hosts;
  if (host === undefined) return;
  try {
    // IPMI has room for 16 characters.
    await writeFile(host.bmc.passwordFile, `${randomBytes(8).toString("hex")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** Starts a host's BMC unless it answers, and ends its faults. Where ipmi_sim is not installed, the lab comes up without. */
export async function ensureBmc(place: LabPlace, lab: Lab, host: LabHost, log: Log): Promise<void> {
  await setFault(place, host, undefined);
  if (await bmcAnswers(host)) return;
  if (await startBmc(place, lab, host)) await waitFor("the BMC", host.name, () => bmcAnswers(host));
  else log.warn(`${host.name} has no BMC: this machine has no ipmi_sim (package openipmi)`);
}

/** Breaks a host's BMC; `up` and `heal` end it. */
export async function breakBmc(place: LabPlace, host: LabHost, fault: BmcFault): Promise<void> {
  await setFault(place, host, fault === "down" ? undefined : fault);
  if (fault === "down") await killBmc(place, host.name);
}

/** What is wrong with a host's BMC now. */
export async function bmcFaultOf(place: LabPlace, host: LabHost): Promise<BmcFault | undefined> {
  if (!await bmcAnswers(host)) return "down";
  const fault = (await readFile(faultFile(place, host), "utf8").catch(() => "")).trim();
  return BMC_FAULTS.find((known) => known === fault);
}

function runFolder(place: LabPlace, host: LabHost): string {
  return join(place.runDirectory, bmcName(host.name));
}

/** What the power switch does wrong. What it said meanwhile is beside it (`bmc.sh`). */
function faultFile(place: LabPlace, host: LabHost): string {
  return join(runFolder(place, host), "fault");
}

async function setFault(place: LabPlace, host: LabHost, fault: BmcFault | undefined): Promise<void> {
  await mkdir(runFolder(place, host), { recursive: true, mode: 0o700 });
  await rm(`${faultFile(place, host)}.said`, { force: true });
  if (fault === undefined) await rm(faultFile(place, host), { force: true });
  else await writeFile(faultFile(place, host), fault);
}

/** Starts ipmi_sim, which lives on its own. @returns false when it is not installed */
async function startBmc(place: LabPlace, lab: Lab, host: LabHost): Promise<boolean> {
  const folder = runFolder(place, host);
  const [config, commands, power] = [join(folder, "lan.conf"), join(folder, "commands"), join(folder, "power")];
  const password = (await readFile(host.bmc.passwordFile, "utf8")).trim();
  await writeFile(config, lanConfig(host, password, power), { mode: 0o600 });
  await writeFile(commands, "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n");
  await writeFile(power, powerScript(place, lab, host), { mode: 0o700 });
  const log = await open(join(folder, "log"), "a");
  try {
    const child = spawn("ipmi_sim", ["--nostdio", "--nopersist", "--config-file", config, "--command-file", commands, "--state-dir", folder], {
      cwd: "/", detached: true, stdio: ["ignore", log.fd, log.fd], env: { ...LAB_ENVIRONMENT, ...markOf(place, { name: bmcName(host.name) }) },
    });
    await once(child, "spawn");
    child.unref();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  } finally {
    await log.close();
  }
}

function lanConfig({ name, bmc, uuid }: LabHost, password: string, power: string): string {
  return `name "${name}"
set_working_mc 0x20
  startlan 1
    addr ${bmc.address} ${bmc.port}
    priv_limit admin
    allowed_auths_admin md5
    guid ${uuid.replaceAll("-", "")}
  endlan
  chassis_control "${power}"
  user 2 true "${bmc.username}" "${password}" admin 10 md5
`;
}

/** What ipmi_sim runs with `get power` and `set power 0`; it takes no more than a path without spaces. */
function powerScript(place: LabPlace, lab: Lab, host: LabHost): string {
  const words = [join(packageRoot(), "lab", "bmc.sh"), `${place.key}/${host.name}`, faultFile(place, host), process.execPath, join(import.meta.dirname, "power-on.js"), lab.name, lab.directory, host.name];
  return `#!/bin/sh\nexec /bin/bash ${words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ")} "$@"\n`;
}

/** Asks whether somebody is there, by RMCP's ping (ASF 2.0), which needs no session. */
async function bmcAnswers({ bmc }: LabHost): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.connect(bmc.port, bmc.address);
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    await once(socket, "connect", { signal });
    const answer = once(socket, "message", { signal });
    socket.send(PRESENCE_PING);
    await answer;
    return true;
  } catch {
    // Refused, no route, or silence: nobody is there.
    return false;
  } finally {
    socket.close();
  }
}

const ANSWER_TIMEOUT_MS = 1_000;
const PRESENCE_PING = Buffer.from("0600ff06000011be80000000", "hex");
