import { randomUUID } from "node:crypto";
import { link, open, readdir, readFile, readlink, rm } from "node:fs/promises";
import process from "node:process";
import { DroverError, messageOf } from "../base/error.js";
import { fields } from "./content.js";

/** Which process has a lock, so that any other on this machine can tell whether it still lives. */
export interface LockOwner {
  /** Tells this taking of the lock from any other. */
  readonly id: string;
  readonly pid: number;
  /** Its start, in clock ticks since the boot: the next process of that number has another. */
  readonly started: string;
  /** The boot of the machine, and the PID namespace: what the number is worth. */
  readonly boot: string;
  readonly namespace: string;
  readonly holder: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** This process as the owner of a lock. */
export async function ourselves(holder: string, since: Date): Promise<LockOwner> {
  const { boot, namespace } = await here();
  const started = await startOf(process.pid);
  if (started === undefined) throw new DroverError({ attempted: "tell this process from others", answer: `/proc/${process.pid}/stat is not there`, next: "mount /proc; a local record needs Linux" });
  return { id: randomUUID(), pid: process.pid, started, boot, namespace, holder, since: since.toISOString() };
}

/**
 * Takes a lock, a file that appears whole or not at all and names its owner. What a dead process left is taken over, by one
 * exactly: only who makes the file `PATH.dead-ID`, of the dead owner's id, may remove the lock, and where that one died too,
 * who makes the file of *its* id, and so on. No id comes twice, so nobody who is late removes a lock that others took since.
 *
 * @returns undefined when it is ours now, else who has it
 */
export async function takeLock(path: string, owner: LockOwner): Promise<LockOwner | undefined> {
  for (;;) {
    if (await createWhole(path, owner)) return undefined;
    const present = await readLock(path);
    if (present === undefined) continue; // It was released just now.
    if (await isAlive(present)) return present;
    const heir = await inherit(path, present, owner);
    if (heir !== undefined) return heir;
  }
}

/** Gives back a lock that is ours. */
export async function dropLock(path: string, owner: LockOwner): Promise<void> {
  if (await isOurs(path, owner)) await rm(path);
}

/** Whether the lock is still the one that was taken: a living process loses it to nobody but an operator who removes the file. */
export async function isOurs(path: string, owner: LockOwner): Promise<boolean> {
  return (await readLock(path))?.id === owner.id;
}

/** Removes a dead owner's lock, or says which living process is at that. */
async function inherit(path: string, dead: LockOwner, owner: LockOwner): Promise<LockOwner | undefined> {
  const claims: string[] = [];
  let last = dead;
  for (;;) {
    const claim = `${path}.dead-${last.id}`;
    claims.push(claim);
    // A claim has an id of its own, for one process may die at this more than once.
    if (await createWhole(claim, { ...owner, id: randomUUID() })) break;
    const other = await readLock(claim);
    // It is done: the lock is another's by now, or nobody's.
    if (other === undefined) return undefined;
    if (await isAlive(other)) return other;
    last = other;
  }
  if (await isOurs(path, dead)) await rm(path);
  // Not before the lock is gone: with the claims a second one could be made.
  for (const claim of claims) await rm(claim, { force: true });
  return undefined;
}

/** @returns whether the file was made; false when there is one */
async function createWhole(path: string, owner: LockOwner): Promise<boolean> {
  const draft = `${path}.${owner.id}.new`;
  await writeDurably(draft, JSON.stringify(owner));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Writes a new file that survives the loss of power once this returns, for this user alone. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readLock(path: string): Promise<LockOwner | undefined> {
  const content = await readIfThere(path);
  if (content === undefined) return undefined;
  const { id, pid, started, boot, namespace, holder, since } = fields(content);
  if (typeof id !== "string" || typeof pid !== "number" || typeof started !== "string" || typeof boot !== "string" || typeof namespace !== "string" || typeof holder !== "string" || typeof since !== "string") {
    throw new DroverError({ attempted: "read a lock of the local record", answer: `${path} was not written by drover`, next: "stop what uses this record, and remove the file" });
  }
  return { id, pid, started, boot, namespace, holder, since };
}

/** The content of a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function isAlive(owner: LockOwner): Promise<boolean> {
  const { boot, namespace } = await here();
  if (owner.boot !== boot) return false;
  // A process of another container is not seen from here. Where all of them are seen, one that has no process any more has ended.
  if (owner.namespace !== namespace) return namespace !== FIRST_NAMESPACE || await hasProcesses(owner.namespace);
  return await startOf(owner.pid) === owner.started;
}

/** The PID namespace of the machine itself, in which each process of each container is one too (linux/proc_ns.h, PROC_PID_INIT_INO). */
const FIRST_NAMESPACE = "pid:[4026531836]";

/** Whether any process of this machine is in a PID namespace other than its first; also where that of one may not be seen. */
async function hasProcesses(namespace: string): Promise<boolean> {
  for (const pid of (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name) && name !== "1")) {
    try {
      if (await readlink(`/proc/${pid}/ns/pid`) === namespace && await startOf(Number(pid)) !== undefined) return true;
    } catch (error) {
      // It ended meanwhile. Of another user's process nothing is known.
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ESRCH") return true;
    }
  }
  return false;
}

/** When a process started; undefined when it is no more, or ended and its parent did not ask for it yet. */
async function startOf(pid: number): Promise<string | undefined> {
  let stat: string | undefined;
  try {
    stat = await readIfThere(`/proc/${pid}/stat`);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return undefined; // It ended while we read.
    throw error;
  }
  // proc(5): the name, in brackets, may hold anything; after it state is the first field and starttime the twentieth.
  const after = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return after === undefined || after[0] === "Z" || after[0] === "X" ? undefined : after[19];
}

async function here(): Promise<{ readonly boot: string; readonly namespace: string }> {
  try {
    const [boot, namespace] = await Promise.all([readFile("/proc/sys/kernel/random/boot_id", "utf8"), readlink("/proc/self/ns/pid")]);
    return { boot: boot.trim(), namespace };
  } catch (error) {
    throw new DroverError({ attempted: "tell this process from others", answer: messageOf(error), next: "mount /proc; a local record needs Linux", cause: error });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
