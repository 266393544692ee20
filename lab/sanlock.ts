import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { answers } from "./answers.js";
import { hostDirectory } from "./identity.js";
import { inside, markOf, watchdogName, type Machine } from "./machine.js";
import type { Lab, LabHost } from "./model.js";
import type { LabPlace } from "./place.js";
import { LAB_ENVIRONMENT, run, runAny } from "./run.js";
import { waitFor } from "./wait.js";

/** What `--sanlock` may be: sanlock's io_timeout in seconds. Its watchdog fires after 60 s, whatever that is. */
export const IO_TIMEOUTS: readonly string[] = ["2", "5", "10"];

/**
 * How a host starts sanlock. Without privileges it keeps the limits that it has: on a machine that is a container itself it may
 * not raise them, and ends.
 */
export const SANLOCK_COMMAND: readonly string[] = ["env", "SANLOCK_PRIVILEGED=0", "/usr/sbin/sanlock", "daemon"];

/** Where a lab's hosts have their leases, as they see it. */
export function leaseDirectory(lab: Pick<Lab, "sharedPath">): string {
  return `${lab.sharedPath}/leases`;
}

/** Id of a host in sanlock's lockspace. */
export function leaseHostId({ hosts }: Pick<Lab, "hosts">, name: string): number {
  return hosts.findIndex((host) => host.name === name) + 1;
}

/** sanlock's configuration and that of libvirt's plugin for it; nothing for a lab without. */
export async function writeSanlockFiles(lab: Lab, host: LabHost): Promise<void> {
  if (lab.sanlock === undefined) return;
  const directory = hostDirectory(lab, host.name);
  const { ioTimeoutSeconds } = lab.sanlock;
  await mkdir(join(directory, "sanlock"), { recursive: true });
  // A host that comes back under the same name need not wait until its former self is dead for certain.
  await writeFile(join(directory, "sanlock", "sanlock.conf"), `use_watchdog = 1
io_timeout = ${ioTimeoutSeconds}
our_host_name = ${host.uuid}
high_priority = 0
mlock_level = 0
uname = root
gname = root
logfile_priority = -1
`);
  await writeFile(join(directory, "etc-libvirt", "qemu-sanlock.conf"), `auto_disk_leases = 1
disk_lease_dir = "${leaseDirectory(lab)}"
host_id = ${leaseHostId(lab, host.name)}
require_lease_for_disks = 1
io_timeout = ${ioTimeoutSeconds}
user = "root"
group = "root"
`);
}

/** Folders under /run that sanlock and its watchdog's daemon have their sockets in, by what the host calls them. */
export function sanlockRunFolders(place: LabPlace, host: string): ReadonlyMap<string, string> {
  return new Map(["sanlock", "wdmd"].map((name) => [join(place.runDirectory, host, name), `/run/${name}`]));
}

/**
 * Makes libvirt's lockspace, by one host alone: libvirt makes the file and fills it afterwards, and another host's libvirt that finds it
 * empty stays out of it for good.
 */
export async function ensureLockspace(lab: Lab, machine: Machine): Promise<void> {
  const directory = leaseDirectory(lab);
  await run(inside(machine, ["sh", "-euc", `mkdir -p "$1"
until [ -e "$1/.made" ]; do
  if mkdir "$1/.making" 2>/dev/null; then
    truncate -s 1M "$1/$2"
    sanlock direct init -s "$2:0:$1/$2:0"
    touch "$1/.made"
  fi
  sleep 0.1
done`, "sh", directory, LOCKSPACE]), { timeoutMs: JOIN_MS });
}

/** Waits until a host is in libvirt's lockspace: its libvirtd answers before that, and starts no guest. */
export async function waitForLockspace(machine: Machine): Promise<void> {
  const isIn = async (): Promise<boolean> => new RegExp(`^s ${LOCKSPACE}:[0-9]+:[^ ]*$`, "m").test((await runAny(inside(machine, ["sanlock", "client", "status"]))).stdout);
  await waitFor("sanlock's lockspace", machine.name, isIn, JOIN_MS);
}

const LOCKSPACE = "__LIBVIRT__DISKS__";
/** A host that joins under an id that another name had waits until that one is dead. */
const JOIN_MS = 180_000;

export function sanlockSocket(place: LabPlace, host: string): string {
  return join(place.runDirectory, host, "sanlock", "sanlock.sock");
}

/** Starts a host's watchdog (`watchdog.ts`), which lives beside the host and ends with it. */
export async function ensureWatchdog(place: LabPlace, machine: Machine): Promise<void> {
  const socket = join(place.runDirectory, machine.name, "wdmd", "wdmd.sock");
  const alive = (): Promise<boolean> => answers({ path: socket });
  if (await alive()) return;
  const log = await open(join(place.runDirectory, machine.name, "watchdog.log"), "a");
  try {
    const child = spawn(process.execPath, [join(import.meta.dirname, "watchdog.js"), socket, String(machine.pid)], {
      cwd: "/", detached: true, stdio: ["ignore", log.fd, log.fd], env: { ...LAB_ENVIRONMENT, ...markOf(place, { name: watchdogName(machine.name) }) },
    });
    await once(child, "spawn");
    child.unref();
    await waitFor("the watchdog", machine.name, alive);
  } finally {
    await log.close();
  }
}
