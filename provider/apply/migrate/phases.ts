import { LibvirtError, param, DomainMigrateFlags, type DomainRef, type HostConnection, type TypedParam } from "../../libvirt/index.js";
import type { Parameters, Peer } from "./parameters.js";

/** What a move goes through, in this order; the journal is written before the first and cleared after the last. */
export type MovePhase = "journal" | "begin" | "prepare" | "perform" | "finish" | "confirm" | "clear";

export interface PhaseHooks {
  /** Called before each phase. */
  onPhase(phase: MovePhase): void;
  /** Runs while the memory flows, until `done` is aborted. Where it throws, it has ended the move. */
  watch(done: AbortSignal): Promise<void>;
  /** Throws when the move is not wanted any more; asked up to the moment when the guest stops at the source. */
  throwIfAborted(): void;
  /**
   * Sees the running guest's document as it goes to the target, and throws where the move is not to be made; nothing has gone there then.
   * From here on libvirt lets nobody change it. A move by the source's libvirtd has no such moment.
   */
  begun(xml: string): Promise<void>;
}

const NO_COOKIE = new Uint8Array();
/** Flags that mean nothing to the target. */
const SOURCE_ONLY = DomainMigrateFlags.ABORT_ON_ERROR | DomainMigrateFlags.AUTO_CONVERGE;

/**
 * A move that the source's libvirtd carries out by itself (virDomainMigrateToURI3 with VIR_MIGRATE_PEER2PEER): of the phases there
 * is one. When it throws, libvirt has undone what it could; where the guest is then is to be looked up.
 */
export async function runByPeer(source: HostConnection, dom: DomainRef, { flags, params, uri }: Parameters, peer: Peer, hooks: PhaseHooks): Promise<void> {
  hooks.onPhase("perform");
  hooks.throwIfAborted();
  const all = peer.tunnelled ? params : [...params, text("migrate_uri", uri)];
  await watched(hooks, () => source.domainMigratePerform3Params({ dom, dconnuri: peer.uri, params: [...all], cookieIn: NO_COOKIE, flags }));
}

/**
 * libvirt's migration protocol 3 as its own client drives it (virDomainMigrateVersion3Full), over a connection to each host.
 * When it throws, what libvirt can undo is undone; where the guest is then is to be looked up.
 */
export async function runPhases(source: HostConnection, target: HostConnection, dom: DomainRef, { flags, params, uri }: Parameters, hooks: PhaseHooks): Promise<void> {
  const atTarget = flags & ~SOURCE_ONLY;
  hooks.onPhase("begin");
  hooks.throwIfAborted();
  const begun = await source.domainMigrateBegin3Params({ dom, params: [...params], flags });
  let ready: { cookieOut: Uint8Array; uriOut: string | null };
  try {
    await hooks.begun(begun.xml);
    hooks.onPhase("prepare");
    hooks.throwIfAborted();
    ready = await target.domainMigratePrepare3Params({
      params: [...params, text("destination_xml", begun.xml), text("migrate_uri", uri)], cookieIn: begun.cookieOut, flags: atTarget,
    });
  } catch (error) {
    // The job that Begin3 started holds the guest until it is told that nothing comes.
    await unlessRefused(source.domainMigrateConfirm3Params({ dom, params: [...params], cookieIn: NO_COOKIE, flags, cancelled: 1 }));
    throw error;
  }
  const withUri = [...params, text("destination_xml", begun.xml), text("migrate_uri", ready.uriOut ?? uri)];
  let sent: { cookieOut: Uint8Array };
  try {
    hooks.onPhase("perform");
    hooks.throwIfAborted();
    sent = await watched(hooks, () => source.domainMigratePerform3Params({ dom, dconnuri: null, params: withUri, cookieIn: ready.cookieOut, flags }));
  } catch (error) {
    // Ends QEMU at the target, which answers that there is no domain. The source has let its guest go on by itself, if it began at all.
    await unlessRefused(target.domainMigrateFinish3Params({ params: withUri, cookieIn: NO_COOKIE, flags: atTarget, cancelled: 1 }));
    await unlessRefused(source.domainMigrateConfirm3Params({ dom, params: [...params], cookieIn: NO_COOKIE, flags, cancelled: 1 }));
    throw error;
  }
  let running: { cookieOut: Uint8Array };
  try {
    hooks.onPhase("finish");
    running = await target.domainMigrateFinish3Params({ params: withUri, cookieIn: sent.cookieOut, flags: atTarget, cancelled: 0 });
  } catch (error) {
    // A refusal means that the guest does not run there. Silence means nothing: then the source stays as it is.
    if (error instanceof LibvirtError) await unlessRefused(source.domainMigrateConfirm3Params({ dom, params: [...params], cookieIn: NO_COOKIE, flags, cancelled: 1 }));
    throw error;
  }
  hooks.onPhase("confirm");
  await source.domainMigrateConfirm3Params({ dom, params: withUri, cookieIn: running.cookieOut, flags, cancelled: 0 });
}

/** Runs the call beside its watch; the watch's failure counts for more than what the call says because of it. */
async function watched<T>(hooks: PhaseHooks, call: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const watching = hooks.watch(done.signal).then(() => undefined, (error: unknown) => ({ error }));
  try {
    return await call();
  } catch (error) {
    done.abort();
    const failed = await watching;
    throw failed === undefined ? error : failed.error;
  } finally {
    done.abort();
    await watching;
  }
}

async function unlessRefused(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch {
    // A step of undoing: whether it helped is looked up at both hosts afterwards, and the first error is what is told.
  }
}

function text(field: string, value: string): TypedParam {
  return param(field, { type: "string", value });
}
