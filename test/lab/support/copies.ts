import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../../provider/base/clock.js";
import { hostDirectory } from "../../../lab/identity.js";
import type { Lab } from "../../../lab/model.js";

/** A guest's QEMU whose processors run, or may at any moment. */
interface Copy {
  readonly pid: string;
  readonly host: string;
  /** Its processors run now, as libvirt wrote last. */
  readonly runs: boolean;
}

/**
 * Counts the running copies of guests, from outside of the product: QEMU's processes of its hosts, again and again until it is stopped.
 *
 * - A process that waits for a guest's memory, or has handed it over, is none: libvirt keeps the state of each in a file of the host that
 *   runs it, which is read here. All others are, whatever the state says: paused ones may go on.
 * - In the lab all hosts have one kernel, so that QEMU's locks on disks refuse a second copy at once. What QEMU wrote of that into its log
 *   counts as a second copy: on other storage it would have run.
 */
export class CopyChecker {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #refusedBefore: Promise<ReadonlyMap<string, number>>;
  readonly #lab: Pick<Lab, "directory" | "hosts">;
  readonly #prefix: string;
  readonly #twice = new Map<string, string>();
  #now: ReadonlyMap<string, readonly Copy[]> = new Map();

  constructor(lab: Pick<Lab, "directory" | "hosts">, prefix: string, everyMs = 100) {
    this.#lab = lab;
    this.#prefix = prefix;
    this.#refusedBefore = refusedStarts(lab, prefix);
    this.#done = this.#count(everyMs);
  }

  async #count(everyMs: number): Promise<void> {
    await this.#refusedBefore;
    while (!this.#stop.signal.aborted) {
      await this.#look();
      await systemClock.sleep(everyMs, this.#stop.signal).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const seen = await copiesIn(this.#lab, this.#prefix);
    const twice = [...seen].filter(([, copies]) => copies.length > 1);
    // What was read of one after the other may have moved between: those that run still have run beside each other.
    const again = twice.length === 0 ? seen : await copiesIn(this.#lab, this.#prefix);
    for (const [name, copies] of twice) {
      const both = copies.filter(({ pid }) => again.get(name)?.some((copy) => copy.pid === pid) === true);
      seen.set(name, both);
      if (both.length > 1 && !this.#twice.has(name)) this.#twice.set(name, `at ${new Date(systemClock.nowMs()).toISOString()} on ${both.map(({ host, pid }) => `${host} (process ${pid})`).join(" and ")}`);
    }
    this.#now = seen;
  }

  /** How many copies each guest had when they were counted last. */
  get now(): ReadonlyMap<string, number> {
    return new Map([...this.#now].map(([name, copies]) => [name, copies.length]));
  }

  /** The host of each guest whose processors ran then. */
  get places(): ReadonlyMap<string, string> {
    return new Map([...this.#now].flatMap(([name, copies]) => copies.filter(({ runs }) => runs).map(({ host }) => [name, host])));
  }

  /** Ends it. @returns guests that had more than one copy at one moment, or whose second start QEMU refused: by name, where and when */
  async stop(): Promise<ReadonlyMap<string, string>> {
    this.#stop.abort();
    await this.#done;
    const refused = await refusedStarts(this.#lab, this.#prefix);
    const twice = new Map(this.#twice);
    for (const [key, count] of refused) {
      const [name = "", host = ""] = key.split(" on ");
      const before = (await this.#refusedBefore).get(key) ?? 0;
      // Its process may have been seen, too, before it asked for the lock.
      if (count > before) twice.set(name, [twice.get(name) ?? [], `${count - before} starts on ${host}, which QEMU refused: another copy held the disk`].flat().join("; "));
    }
    return twice;
  }

  /**
   * Ends it.
   * @param expected guests that have to run once now
   * @param story what is said of it where that is not so
   */
  async end(expected: readonly string[], story = ""): Promise<void> {
    const twice = await this.stop();
    assert.deepEqual([...twice].map(([name, where]) => `${name}: ${where}`), [], `two copies at a time\n${story}`);
    await this.#look();
    assert.deepEqual(Object.fromEntries(expected.map((name) => [name, this.now.get(name) ?? 0])), Object.fromEntries(expected.map((name) => [name, 1])), `copies at the end\n${story}`);
  }
}

/** A QEMU of a lab, whatever it does. */
export interface QemuProcess {
  readonly pid: string;
  /** The guest's name without the prefix. */
  readonly name: string;
  readonly host: string;
  /** What libvirt wrote last of it; empty before its first word. */
  readonly status: string;
  /** It was started for a guest that comes from another host. */
  readonly isIncoming: boolean;
}

/** Of all guests whose names begin so. Another lab on this machine may have guests of the same names, and hosts too. */
export async function qemuProcesses({ hosts }: Pick<Lab, "hosts">, prefix: string): Promise<readonly QemuProcess[]> {
  const found: QemuProcess[] = [];
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  await Promise.all(pids.map(async (pid) => {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const name = /\0guest=([^,]+),/.exec(command)?.[1];
    if (name?.startsWith(prefix) !== true || !command.includes("qemu-system")) return;
    const status = await readFile(`/proc/${pid}/root/run/libvirt/qemu/${name}.xml`, "utf8").catch(() => "");
    const machine = (await readFile(`/proc/${pid}/root/etc/machine-id`, "utf8").catch(() => "")).trim();
    const host = hosts.find(({ uuid }) => uuid.replaceAll("-", "") === machine);
    // Of no host of this lab, or it ends at this moment.
    if (host === undefined) return;
    found.push({ pid, name: name.slice(prefix.length), host: host.name, status, isIncoming: command.includes("\0-incoming\0") });
  }));
  return found;
}

/** QEMU's processes of each guest that count. */
async function copiesIn(lab: Pick<Lab, "hosts">, prefix: string): Promise<Map<string, Copy[]>> {
  const found = new Map<string, Copy[]>();
  for (const process of await qemuProcesses(lab, prefix)) {
    if (isHandedOver(process)) continue;
    const { name, pid, host, status } = process;
    found.set(name, [...found.get(name) ?? [], { pid, host, runs: status.includes("<domstatus state='running'") }]);
  }
  return found;
}

/** Is the guest at the other end of its move? */
function isHandedOver({ status, isIncoming }: QemuProcess): boolean {
  const [, state, reason] = /<domstatus state='([a-z]+)' reason='([^']+)'/.exec(status) ?? [];
  if (state === "paused" && reason === "migration") return true;
  // Before libvirt has written its first word of it, or its last: it waits for the memory still.
  return isIncoming && (state === undefined || (state === "paused" && reason === "starting up"));
}

/** How often QEMU refused to start a guest since another one holds its disk, by `NAME on HOST`. */
async function refusedStarts({ directory, hosts }: Pick<Lab, "directory" | "hosts">, prefix: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { name: host } of hosts) {
    const folder = join(hostDirectory({ directory }, host), "log", "qemu");
    for (const file of (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix) && name.endsWith(".log"))) {
      const log = await readFile(join(folder, file), "utf8");
      counts.set(`${file.slice(prefix.length, -".log".length)} on ${host}`, log.split('Failed to get "write" lock').length - 1);
    }
  }
  return counts;
}
