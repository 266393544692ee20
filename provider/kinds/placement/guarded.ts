import { readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import process from "node:process";
import { systemClock } from "../../base/clock.js";
import { DroverError } from "../../base/error.js";
import type { Context } from "../../engine/handler.js";
import { openRecord, type RecordConfig } from "../../record/config.js";
import type { Hold, RecordStore } from "../../record/store.js";
import type { GuardRecord, PlacementInputs } from "../../schema/index.js";
import { parseKeptInputs } from "./kept-inputs.js";
import { idOf } from "./marks.js";

/** The lock of whoever changes the cluster: an update, or a guard. */
export const WORK_LOCK = "work";
/** Where the record has what is wanted: a cluster's inputs, without credentials. */
export const WANTED_KEY = "wanted";

/** Where the record has which hosts are in maintenance, for a guard that starts while such a host is off. */
export const CLOSED_PREFIX = "closed/";

/** Where a local record has that a guard used it. */
const GUARD_KEY = "guard";

/** How long an update that is gone keeps guards from working. */
const LEASE_SECONDS = 15;
/** A guard that restarts guests is done with it soon. */
const PATIENCE_MS = 60_000;
const POLL_MS = 1_000;

/** What is needed to find a cluster's record. */
export type Guarded = Pick<PlacementInputs, "cluster" | "owner" | "guard">;

interface Locked {
  readonly store: RecordStore;
  readonly hold: Hold;
}

/** Of this process: an update's VMs come after its Placement, so that the lock is kept until the process ends. */
const locked = new Map<string, Promise<Locked>>();

/**
 * Keeps guards from the cluster for as long as this process lives. Nothing, for a cluster without a guard.
 * @param isFirst whether no update has told this record before what is wanted
 * @param who what others are told that they wait for
 * @throws DroverError when the record does not answer, or somebody else works on the cluster and does not end
 */
export async function lockOut(ctx: Context, inputs: Guarded, isFirst = true, who = "pulumi up"): Promise<void> {
  if (inputs.guard === undefined) return;
  const id = idOf(inputs);
  const before = locked.get(id);
  if (before !== undefined) {
    // Somebody may have worked on the cluster since: what was planned under the old lock is not carried out under a new one.
    if (!(await before).hold.lost.aborted) return;
    throw new DroverError({ attempted: `work on cluster ${inputs.cluster}`, answer: `the record did not confirm the lock of this ${who} in time, and a guard may be at work by now`, next: `run \`${who}\` again` });
  }
  const locking = lock(ctx, inputs, inputs.guard, id, isFirst, who);
  locked.set(id, locking);
  locking.catch(() => { locked.delete(id); });
  await locking;
}

/** What {@link lockOut} keeps guards from, as work that ends where its lock may be lost: a guard may begin then. @throws DroverError as it does */
export async function underLock(ctx: Context, inputs: Guarded, isFirst = true, who?: string): Promise<Context> {
  if (inputs.guard === undefined) return ctx;
  await lockOut(ctx, inputs, isFirst, who);
  const here = await locked.get(idOf(inputs));
  return here === undefined ? ctx : { ...ctx, signal: AbortSignal.any([ctx.signal, here.hold.lost]) };
}

/** Lets guards work again, where this process goes on: the end of a command. */
export async function letGuardsIn(): Promise<void> {
  const all = [...locked.values()];
  locked.clear();
  for (const each of await Promise.allSettled(all)) if (each.status === "fulfilled") await each.value.store.close();
}

async function lock(ctx: Context, inputs: Guarded, guard: GuardRecord, id: string, isFirst: boolean, who: string): Promise<Locked> {
  const store = await openRecord(await recordConfig(guard), id);
  if (!store.isShared) await refuseEmpty(ctx, inputs, store, isFirst);
  const endMs = systemClock.nowMs() + PATIENCE_MS;
  for (;;) {
    const got = await store.acquire(WORK_LOCK, `${who} of ${userInfo().username}@${hostname()}, process ${process.pid}`, { ttlSeconds: LEASE_SECONDS });
    if ("release" in got) return { store, hold: got };
    if (systemClock.nowMs() > endMs) {
      throw new DroverError({ attempted: `work on cluster ${inputs.cluster}`, answer: `${got.heldBy} has been at work on it since ${got.since}`, next: "nothing was changed: run again when that is done" });
    }
    ctx.log.info(`${inputs.cluster}: waiting for ${got.heldBy}, who works on it`);
    await systemClock.sleep(POLL_MS, ctx.signal);
  }
}

/**
 * A directory that is nobody's record keeps no guard out: one of this name is on another machine, most likely, with a guard there.
 * @throws DroverError when updates before this one wrote into another one
 */
async function refuseEmpty(ctx: Context, { cluster }: Guarded, store: RecordStore, isFirst: boolean): Promise<void> {
  if (!isFirst && await store.get(WANTED_KEY) === undefined) {
    throw new DroverError({ attempted: `work on cluster ${cluster}`, answer: `its last update told the guard by a record what is wanted, and ${store.label} is empty: that record is on another machine, or lost`,
      next: "nothing was changed: run this on the guard's machine, or give the cluster's guard an etcd. If the record is gone for good and no guard runs, take `guard` from the cluster, run `pulumi up`, and put it back" });
  }
  if (await store.get(GUARD_KEY) === undefined) ctx.log.warn(`${cluster}: no guard has used ${store.label} on this machine yet; a guard on another machine is not kept out by it`);
}

/** Tells guards that an operator closed a host, or opened it: one that starts while the host is off cannot ask it. Nothing, for a cluster without a guard. */
export async function noteClosed(ctx: Context, inputs: Guarded, host: string, isClosed: boolean): Promise<void> {
  if (inputs.guard === undefined) return;
  await lockOut(ctx, inputs, false);
  const here = await locked.get(idOf(inputs));
  if (isClosed) await here?.store.put(CLOSED_PREFIX + host, "drover evacuate", { hold: here.hold });
  else await here?.store.delete(CLOSED_PREFIX + host, { hold: here.hold });
}

/** A guard uses a record from now on. */
export async function noteGuard(store: RecordStore, id: string): Promise<void> {
  if (!store.isShared && (await store.get(GUARD_KEY))?.value !== id) await store.put(GUARD_KEY, id);
}

/**
 * Tells guards what is wanted, before anything is stopped, moved or deleted: what a person takes down, no guard brings back.
 * @throws DroverError when the record does not answer; nothing was changed then
 */
export async function publish(ctx: Context, inputs: PlacementInputs): Promise<void> {
  if (inputs.guard === undefined) return;
  await lockOut(ctx, inputs);
  const here = await locked.get(idOf(inputs));
  if (here === undefined) throw new Error("the lock was not taken");
  if (await here.store.put(WANTED_KEY, JSON.stringify(withoutCredentials(inputs)), { hold: here.hold }) === undefined) {
    throw new DroverError({ attempted: `tell the guards of cluster ${inputs.cluster} what is wanted`, answer: `${here.store.label} says that somebody else works on the cluster`, next: "nothing was changed: run `pulumi up` again" });
  }
}

/** Of a cluster that is no more nothing is wanted: a guard that still runs has nothing to do. */
export async function unpublish(ctx: Context, inputs: PlacementInputs): Promise<void> {
  if (inputs.guard === undefined) return;
  await lockOut(ctx, inputs, false);
  const here = await locked.get(idOf(inputs));
  await here?.store.put(WANTED_KEY, JSON.stringify({ ...withoutCredentials(inputs), vms: {}, hosts: [] }), { hold: here.hold });
}

/** @throws DroverError when it says neither where, or both */
export async function recordConfig({ etcd, directory, user, password, caFile, certFile, keyFile }: GuardRecord): Promise<RecordConfig> {
  if (directory !== undefined && etcd === undefined) return { directory };
  if (etcd === undefined || directory !== undefined) throw new DroverError({ attempted: "find the guards' record", answer: "it is in etcd or in a directory", next: "give the cluster's guard either `etcd` or `directory`" });
  const pem = async (name: "ca" | "cert" | "key", path: string | undefined): Promise<object> => (path === undefined ? {} : { [name]: await readFile(path, "utf8") });
  return {
    etcd: {
      endpoints: etcd, ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }),
      ...await pem("ca", caFile), ...await pem("cert", certFile), ...await pem("key", keyFile),
    },
  };
}

/** The record is no place for keys and passwords: a guard has its own. */
function withoutCredentials(inputs: PlacementInputs): PlacementInputs {
  const { guard: _guard, plan: _plan, ...rest } = inputs;
  return { ...rest, hosts: inputs.hosts.map(({ fence: _fence, host: { name, uri, owner }, ...host }) => ({ ...host, host: { name, uri, owner } })) };
}

/**
 * A cluster as it is wanted now, with the credentials that a guard knows.
 * @param own the cluster as the guard was started with
 * @param wanted the record's text; `undefined` where nothing was published
 * @throws DroverError when that is no cluster: whoever does not know what is wanted does nothing
 */
export function wantedOf(own: PlacementInputs, wanted: string | undefined): PlacementInputs {
  if (wanted === undefined) return own;
  const published = parseKeptInputs(wanted, `read what is wanted of cluster ${own.cluster}`, "run `pulumi up`, which writes it anew");
  const hosts = published.hosts.map((host) => {
    const known = own.hosts.find((each) => each.host.name === host.host.name && each.host.uri === host.host.uri);
    return known === undefined ? host : { ...host, host: { ...known.host, ...host.host }, ...(known.fence === undefined ? {} : { fence: known.fence }) };
  });
  return { ...published, hosts };
}

/** Names of hosts that came after a guard was started: it has neither their fence devices nor a key of theirs. */
export function unknownTo(own: PlacementInputs, wanted: PlacementInputs): string[] {
  return wanted.hosts.filter(({ host }) => !own.hosts.some((each) => each.host.name === host.name && each.host.uri === host.uri)).map(({ host }) => host.name);
}
