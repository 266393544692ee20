import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { judgeExpiry, judgeLife, unleased, unreleased } from "../../../provider/guard/lease-proof.js";
import type { KnownGuest } from "../../../provider/guard/guests.js";
import type { LeaseSight } from "../../../provider/guard/lease-watch.js";
import type { SanlockDaemon, SanlockPeer } from "../../../provider/inventory/sanlock.js";

const PATH = "/srv/leases/__LIBVIRT__DISKS__";
const subject: LeaseSight = { hostId: 2, path: PATH, generation: 4, hasWatchdog: true, watchdogSeconds: 60 };
const observer: SanlockDaemon = { hasWatchdog: true, watchdogSeconds: 60, nowSeconds: 1000, clients: [], lockspace: { hostId: 1, path: PATH, generation: 1, ioTimeoutSeconds: 10, renewedSeconds: 990, isEnding: false } };
const peer: SanlockPeer = { hostId: 2, generation: 4, timestamp: 500, ioTimeoutSeconds: 10, checkedSeconds: 995, liveSeconds: 700 };

describe("an expired lease", () => {
  it("is dead for certain after eight io_timeouts and the watchdog's time, as the observer read it", () => {
    assert.equal(judgeExpiry(observer, [peer], subject).is, "expired");
    assert.equal(judgeExpiry(observer, [{ ...peer, liveSeconds: 995 - 140 }], subject).is, "failing");
    assert.equal(judgeExpiry(observer, [{ ...peer, liveSeconds: 995 - 141 }], subject).is, "expired");
    assert.equal(judgeExpiry(observer, [{ ...peer, liveSeconds: 995 - 80 }], subject).is, "lives");
  });

  it("proves nothing of a host without a watchdog", () => {
    assert.deepEqual(judgeExpiry(observer, [peer], { ...subject, hasWatchdog: false }).is, "refused");
  });

  it("proves nothing of another life of the host than the one that was looked at", () => {
    assert.equal(judgeExpiry(observer, [{ ...peer, generation: 5 }], subject).is, "refused");
    assert.equal(judgeExpiry({ ...observer, lockspace: { ...observer.lockspace, hostId: 2 } as SanlockDaemon["lockspace"] }, [peer], subject).is, "refused");
  });

  it("is one that was given back where the host left in good order, under the generation that is known and as it was read of late", () => {
    const left = { ...peer, timestamp: 0 };
    assert.equal(judgeExpiry(observer, [left], subject).is, "left");
    assert.equal(judgeExpiry(observer, [{ ...left, generation: 5 }], subject).is, "refused");
    assert.equal(judgeExpiry(observer, [{ ...left, checkedSeconds: 900 }], subject).is, "useless");
    assert.equal(judgeExpiry(observer, [left], { ...subject, hasWatchdog: false }).is, "refused");
  });

  it("is seen by nobody who could not read, is in another lockspace, or has none", () => {
    const space = observer.lockspace;
    assert.ok(space !== undefined);
    for (const blind of [
      { ...observer, lockspace: undefined }, { ...observer, lockspace: { ...space, isEnding: true } }, { ...observer, lockspace: { ...space, path: "/other" } },
      { ...observer, lockspace: { ...space, renewedSeconds: 900 } },
    ]) assert.equal(judgeExpiry(blind, [peer], subject).is, "useless");
    assert.equal(judgeExpiry(observer, [{ ...peer, checkedSeconds: 900 }], subject).is, "useless");
    assert.equal(judgeExpiry(observer, [{ ...peer, liveSeconds: 0 }], subject).is, "useless");
    assert.equal(judgeExpiry(observer, [], subject).is, "useless");
  });

  it("is never taken for dead before its host is, whatever the observer missed", () => {
    const seconds = fc.integer({ min: 0, max: 400 });
    fc.assert(fc.property(seconds, seconds, seconds, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 10, max: 60 }), (renewed, checked, now, ioTimeoutSeconds, watchdogSeconds) => {
      // The host renewed last at `renewed`, and is alive until 8 io_timeouts and its watchdog's time are over; the observer saw it at some read after that.
      const aliveUntil = renewed + 8 * ioTimeoutSeconds + watchdogSeconds;
      const checkedSeconds = 1 + Math.min(checked, now);
      const liveSeconds = 1 + Math.max(renewed, Math.min(checked, now, renewed + 5));
      const verdict = judgeExpiry({ ...observer, nowSeconds: now + 1, lockspace: { hostId: 1, path: PATH, generation: 1, ioTimeoutSeconds, renewedSeconds: now, isEnding: false } },
        [{ hostId: 2, generation: 4, timestamp: 1 + renewed, ioTimeoutSeconds, checkedSeconds, liveSeconds }], { ...subject, watchdogSeconds });
      if (verdict.is === "expired") assert.ok(now >= aliveUntil, `${now} ${aliveUntil}`);
    }), { numRuns: 2000 });
  });
});

describe("a guest of a host whose lease expired", () => {
  const guest = (disks: string): KnownGuest => ({ uuid: "u", name: "shop", host: "ash", seenMs: 0, running: true, isWhole: true, definition: `<domain type="kvm"><name>shop</name><devices>${disks}</devices></domain>` });
  const file = (path: string, more = ""): string => `<disk type="file" device="disk"><source file="${path}"/><target dev="vda" bus="virtio"/>${more}</disk>`;
  const ours = { hostId: 2, generation: 4, timestamp: 90 };
  const none = new Map<string, KnownGuest>();

  it("is dead with it where one of its disks is held by that life of the host", () => {
    const two = guest(file("/d/seed", "<readonly/>") + file("/d/a") + file("/d/b"));
    assert.deepEqual(unleased([two], new Map([["/d/b", ours]]), subject, none), []);
  });

  it("may go on where it holds none there: of another life, another host, let go, never taken, or of a disk that nobody writes", () => {
    const one = guest(file("/d/a"));
    for (const lease of [{ ...ours, generation: 3 }, { ...ours, hostId: 1 }, { ...ours, timestamp: 0 }]) assert.deepEqual(unleased([one], new Map([["/d/a", lease]]), subject, none), ["shop"]);
    assert.deepEqual(unleased([one], new Map(), subject, none), ["shop"]);
    assert.deepEqual(unleased([guest("")], new Map(), subject, none), ["shop"]);
    assert.deepEqual(unleased([guest(file("/d/a", "<readonly/>"))], new Map([["/d/a", ours]]), subject, none), ["shop"]);
  });

  it("had stopped before, where it was seen so and let its lease go there", () => {
    const one = guest(file("/d/a"));
    assert.deepEqual(unleased([one], new Map([["/d/a", { ...ours, timestamp: 0 }]]), subject, new Map([[one.uuid, one]])), []);
    assert.deepEqual(unleased([one], new Map([["/d/a", { ...ours, timestamp: 0, generation: 3 }]]), subject, new Map([[one.uuid, one]])), ["shop"]);
  });

  it("has ended where it gave the leases of all its disks back, under the generation that is known", () => {
    const two = guest(file("/d/seed", "<readonly/>") + file("/d/a") + file("/d/b"));
    const back = { ...ours, timestamp: 0 };
    assert.deepEqual(unreleased([two], new Map([["/d/a", back], ["/d/b", back]]), subject), []);
    for (const other of [ours, { ...back, generation: 3 }, { ...back, hostId: 1 }]) assert.deepEqual(unreleased([two], new Map([["/d/a", back], ["/d/b", other]]), subject), ["shop"]);
    assert.deepEqual(unreleased([two], new Map([["/d/a", back]]), subject), ["shop"]);
    assert.deepEqual(unreleased([guest("")], new Map(), subject), ["shop"]);
  });
});

describe("the lease of a host that is silent to a guard", () => {
  const seen = (agoSeconds: number): SanlockPeer => ({ ...peer, liveSeconds: 1000 - agoSeconds });

  it("shows that it lives where it was renewed after it had fallen silent", () => {
    assert.equal(judgeLife(observer, [seen(15)], subject, 60), "renews");
    assert.equal(judgeLife(observer, [{ ...seen(15), generation: 5 }], subject, 60), "renews");
  });

  it("leaves it open for some io_timeouts, and then says nothing for its life", () => {
    assert.equal(judgeLife(observer, [seen(40)], subject, 60), "undecided");
    assert.equal(judgeLife(observer, [seen(51)], subject, 71), undefined);
  });

  it("says nothing where nobody reads it, or it left", () => {
    assert.equal(judgeLife(observer, [], subject, 60), undefined);
    assert.equal(judgeLife(observer, [{ ...seen(15), timestamp: 0 }], subject, 60), undefined);
    assert.equal(judgeLife({ ...observer, lockspace: undefined }, [seen(15)], subject, 60), undefined);
  });

  it("never shows life of a host that died when it fell silent, however its last renewals were noticed", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 600 }), fc.nat(), (ioTimeoutSeconds, silentSeconds, late) => {
      // Its last renewal was before that, and was noticed within one round of looks and the time for reading it.
      const noticedSeconds = late % (3 * ioTimeoutSeconds + 1);
      const life = judgeLife({ ...observer, nowSeconds: 1000 }, [{ ...peer, ioTimeoutSeconds, liveSeconds: 1000 - silentSeconds + Math.min(noticedSeconds, silentSeconds) }], subject, silentSeconds);
      assert.notEqual(life, "renews");
    }), { numRuns: 1000 });
  });
});
