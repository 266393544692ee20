import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { noteStopped, whyRestart } from "../../../provider/guard/stopped.js";
import { Troubled, troubleOf } from "../../../provider/guard/troubled.js";
import type { KnownGuest, KnownGuests } from "../../../provider/guard/guests.js";
import { DomainPausedReason, DomainShutoffReason, DomainState } from "../../../provider/libvirt/index.js";

const guest: KnownGuest = { uuid: "u", name: "web", host: "ash", running: true, definition: "", isWhole: true, seenMs: 0 };
const ha = { priority: 50 };
const due = (troubled: Troubled, nowMs: number): string[] => troubled.due(nowMs).map(({ remedy }) => remedy);

describe("a paused guest", () => {
  it("is in trouble where libvirt paused it for its storage or its watchdog, and never where a person did", () => {
    const { PAUSED, RUNNING } = DomainState;
    assert.equal(troubleOf({ state: PAUSED, reason: DomainPausedReason.IOERROR }), "storage");
    assert.equal(troubleOf({ state: PAUSED, reason: DomainPausedReason.WATCHDOG }), "watchdog");
    for (const reason of [DomainPausedReason.USER, DomainPausedReason.UNKNOWN, DomainPausedReason.MIGRATION, DomainPausedReason.POSTCOPY_FAILED, DomainPausedReason.SNAPSHOT]) assert.equal(troubleOf({ state: PAUSED, reason }), undefined);
    assert.equal(troubleOf({ state: RUNNING, reason: DomainPausedReason.IOERROR }), undefined);
  });

  it("is told of once, and what is done is what its program says", () => {
    for (const [onStorageError, expected] of [[undefined, ["resume"]], ["resume", ["resume"]], ["kill", ["kill"]], ["leave", []]] as const) {
      const troubled = new Troubled(1_000);
      const policy = onStorageError === undefined ? ha : { ...ha, onStorageError };
      assert.equal(troubled.sees(guest, "storage", policy, 0), true);
      assert.equal(troubled.sees(guest, "storage", policy, 1), false);
      assert.deepEqual(due(troubled, 1), expected);
    }
  });

  it("is told of once by a guard that only watches how another tries", () => {
    const troubled = new Troubled(1_000);
    const told = [0, 30_000, 60_000, 140_000].map((nowMs) => {
      const isNew = troubled.sees(guest, "storage", ha, nowMs);
      troubled.sees(guest, undefined, ha, nowMs + 100);
      return isNew;
    });
    assert.deepEqual(told, [true, false, false, true]);
  });

  it("whose watchdog fired is started anew, whatever is wanted of storage", () => {
    const troubled = new Troubled(1_000);
    troubled.sees(guest, "watchdog", { ...ha, onStorageError: "leave" }, 0);
    assert.deepEqual(due(troubled, 0), ["kill"]);
  });

  it("is tried again after pauses that grow up to a minute, though it runs for moments in between", () => {
    const troubled = new Troubled(1_000);
    let nowMs = 0;
    const pauses: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      troubled.sees(guest, "storage", ha, nowMs);
      assert.deepEqual(due(troubled, nowMs), ["resume"]);
      const pauseMs = troubled.tried("u", nowMs);
      pauses.push(pauseMs);
      troubled.sees(guest, undefined, ha, nowMs + 100);
      assert.equal(troubled.sees(guest, "storage", ha, nowMs + 200), false);
      assert.deepEqual(due(troubled, nowMs + pauseMs - 1), []);
      nowMs += pauseMs;
    }
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it("that ran for a minute since is tried at once the next time", () => {
    const troubled = new Troubled(1_000);
    for (let count = 0; count < 6; count += 1) troubled.tried("u", 0);
    troubled.sees(guest, undefined, ha, 1_000);
    troubled.sees(guest, undefined, ha, 61_000);
    assert.equal(troubled.sees(guest, "storage", ha, 61_001), true);
    assert.deepEqual(due(troubled, 61_001), ["resume"]);
  });

  it("is never tried in a tight loop, whatever is seen of it", () => {
    fc.assert(fc.property(fc.array(fc.record({ stepMs: fc.nat({ max: 5_000 }), trouble: fc.boolean() }), { maxLength: 200 }), (looks) => {
      const troubled = new Troubled(500);
      let nowMs = 0;
      let lastMs = Number.NEGATIVE_INFINITY;
      for (const { stepMs, trouble } of looks) {
        nowMs += stepMs;
        troubled.sees(guest, trouble ? "storage" : undefined, ha, nowMs);
        if (due(troubled, nowMs).length === 0) continue;
        assert.ok(trouble && nowMs - lastMs >= 500);
        lastMs = nowMs;
        troubled.tried("u", nowMs);
      }
    }));
  });
});

describe("a guest that is off", () => {
  const why = (reason: number, member: Parameters<typeof whyRestart>[1]): string | undefined => whyRestart(reason, member, false)?.kind;

  it("is restarted where nobody asked for its stop", () => {
    for (const reason of [DomainShutoffReason.CRASHED, DomainShutoffReason.FAILED, DomainShutoffReason.UNKNOWN, DomainShutoffReason.DAEMON]) assert.equal(why(reason, { ha, running: true }), "guest-crashed");
    for (const reason of [DomainShutoffReason.DESTROYED, DomainShutoffReason.SAVED, DomainShutoffReason.MIGRATED, DomainShutoffReason.FROM_SNAPSHOT]) assert.equal(why(reason, { ha: { ...ha, onShutdown: "restart" }, running: true }), undefined);
  });

  it("for it was shut down is restarted where its program wants that, and else is left", () => {
    assert.equal(why(DomainShutoffReason.SHUTDOWN, { ha, running: true }), undefined);
    assert.equal(why(DomainShutoffReason.SHUTDOWN, { ha: { ...ha, onShutdown: "leave" }, running: true }), undefined);
    assert.equal(why(DomainShutoffReason.SHUTDOWN, { ha: { ...ha, onShutdown: "restart" }, running: true }), "guest-shut-down");
  });

  it("stays off where the program wants it off, or wants no guard", () => {
    assert.equal(why(DomainShutoffReason.SHUTDOWN, { ha: { ...ha, onShutdown: "restart" }, running: false }), undefined);
    assert.equal(why(DomainShutoffReason.CRASHED, { ha, running: false }), undefined);
    assert.equal(why(DomainShutoffReason.CRASHED, { running: true }), undefined);
    assert.equal(why(DomainShutoffReason.CRASHED, undefined), undefined);
  });

  it("is not seen to run while it is being ended", () => {
    const ran: string[] = [];
    const noting = {
      guests: { get: () => undefined } as unknown as KnownGuests, vms: {}, fallen: new Map<string, KnownGuest>(), troubled: new Troubled(1), endedByHost: () => false, runs: (uuid: string) => { ran.push(uuid); }, tell: () => {}, nowMs: 0, wereKilled: false,
    };
    noteStopped("ash", [{ uuid: "ending", name: "a", state: DomainState.SHUTDOWN, reason: 0 }, { uuid: "running", name: "b", state: DomainState.RUNNING, reason: 1 }], noting);
    assert.deepEqual(ran, ["running"]);
  });
});
