import { DroverError, messageOf } from "../base/error.js";
import { ListDomainsFlags } from "../libvirt/index.js";
import { TransportError } from "../transport/index.js";
import type { ConnectedHost } from "./hosts.js";
import { LOCKSPACE, readSanlock, type SanlockDaemon } from "./sanlock.js";

/** The leases of a host as they are declared. */
export interface LeaseSettings {
  readonly manager: "sanlock" | "lockd";
  /** Absolute path on shared storage. */
  readonly directory: string;
  /** sanlock's id of the host. */
  readonly hostId?: number;
  readonly ioTimeoutSeconds: number;
}

const TIMEOUT_MS = 10_000;

/**
 * What is not as declared with a host's leases, each with what to do about it; nothing is changed there. Empty: a lease protects each
 * guest that runs, and of sanlock one that expires proves that the host is dead.
 */
export async function leaseProblems(host: ConnectedHost, leases: LeaseSettings): Promise<string[]> {
  try {
    return leases.manager === "sanlock" ? await sanlockProblems(host, leases) : await lockdProblems(host, leases);
  } catch (error) {
    if (error instanceof TransportError || error instanceof DroverError) return [`its leases cannot be checked: ${messageOf(error)}`];
    throw error;
  }
}

async function sanlockProblems(host: ConnectedHost, leases: LeaseSettings): Promise<string[]> {
  const [daemon, running] = await Promise.all([readSanlock(host), runningNames(host)]);
  return judgeSanlock(daemon, running, leases);
}

/** @param running names of the domains that run on the host */
export function judgeSanlock(daemon: SanlockDaemon, running: readonly string[], { directory, hostId, ioTimeoutSeconds }: LeaseSettings): string[] {
  const files = `say lock_manager = "sanlock" in /etc/libvirt/qemu.conf and auto_disk_leases = 1, require_lease_for_disks = 1, disk_lease_dir = "${directory}", host_id = ${hostId ?? "N"}, io_timeout = ${ioTimeoutSeconds} in /etc/libvirt/qemu-sanlock.conf, and restart libvirtd when it suits`;
  const { lockspace } = daemon;
  const problems = daemon.hasWatchdog ? [] : ["its sanlock runs without a watchdog, so that a lease that expires proves nothing: say use_watchdog = 1 in /etc/sanlock/sanlock.conf, start wdmd, and restart sanlock once no guest runs there"];
  if (lockspace === undefined) return [...problems, `it is not in libvirt's lockspace ${LOCKSPACE}: ${files}`];
  const differences = [
    ...(lockspace.path === `${directory}/${LOCKSPACE}` ? [] : [`its lockspace is ${lockspace.path}`]),
    ...(lockspace.hostId === hostId ? [] : [`its id in the lockspace is ${lockspace.hostId}`]),
    ...(lockspace.ioTimeoutSeconds === ioTimeoutSeconds ? [] : [`its io_timeout is ${lockspace.ioTimeoutSeconds} s`]),
  ];
  const holders = new Set(daemon.clients);
  // sanlock keeps 48 characters of a name.
  const bare = running.filter((name) => !holders.has(name.slice(0, 48)) && !holders.has(name.slice(0, 47)));
  return [
    ...problems,
    ...(differences.length === 0 ? [] : [`${differences.join(", ")}, unlike its \`leases\` in the program: correct either; for the host, ${files}`]),
    ...(isRenewed(daemon) ? [] : ["its own lease is not renewed: its shared storage does not answer"]),
    ...(bare.length === 0 ? [] : [`${bare.join(", ")} ${bare.length === 1 ? "runs" : "run"} without a lease, started before sanlock was configured: restart ${bare.length === 1 ? "it" : "them"}, or move ${bare.length === 1 ? "it" : "them"} to a host that has it`]),
  ];
}

/** Whether a host renews its own lease: what it sees of others is of now. */
export function isRenewed({ lockspace, nowSeconds }: SanlockDaemon): boolean {
  return lockspace !== undefined && !lockspace.isEnding && nowSeconds - lockspace.renewedSeconds < 6 * lockspace.ioTimeoutSeconds;
}

async function runningNames(host: ConnectedHost): Promise<string[]> {
  const { domains } = await host.libvirt.connectListAllDomains({ needResults: 1, flags: ListDomainsFlags.ACTIVE });
  return domains.map(({ name }) => name);
}

/** virtlockd is part of libvirt and says nothing of itself: its files are read. */
async function lockdProblems(host: ConnectedHost, { directory }: LeaseSettings): Promise<string[]> {
  const { code, stdout, stderr } = await host.transport.exec(["sh", "-c", "cat /etc/libvirt/qemu.conf; echo; cat /etc/libvirt/qemu-lockd.conf 2>/dev/null; echo; test -S /run/libvirt/virtlockd-sock && echo '# virtlockd answers'; true"], { timeoutMs: TIMEOUT_MS });
  if (code !== 0) throw new DroverError({ attempted: "read how libvirt locks disks", host: host.name, answer: stderr.trim() });
  return judgeLockd(stdout, directory);
}

/** @param files qemu.conf and qemu-lockd.conf, and whether virtlockd's socket is there */
export function judgeLockd(files: string, directory: string): string[] {
  const value = (key: string): string | undefined => new RegExp(`^\\s*${key}\\s*=\\s*"([^"\\n]*)"`, "m").exec(files)?.[1];
  return [
    ...(value("lock_manager") === "lockd" ? [] : [`libvirt takes no leases by lockd: say lock_manager = "lockd" in /etc/libvirt/qemu.conf, and restart libvirtd when it suits`]),
    ...(value("file_lockspace_dir") === directory ? [] : [`its leases are ${value("file_lockspace_dir") ?? "on the disks themselves"}: say file_lockspace_dir = "${directory}" in /etc/libvirt/qemu-lockd.conf, and restart libvirtd when it suits`]),
    ...(files.includes("# virtlockd answers") ? [] : ["virtlockd does not run: enable virtlockd.socket"]),
  ];
}
