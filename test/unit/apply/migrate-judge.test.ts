import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAtTarget } from "../../../provider/apply/migrate/between.js";
import { judge } from "../../../provider/apply/migrate/judge.js";
import type { MoveRecord } from "../../../provider/apply/migrate/journal.js";
import type { Side } from "../../../provider/apply/migrate/sides.js";
import { DomainPausedReason, DomainShutoffReason } from "../../../provider/libvirt/index.js";

const end = { name: "ash", uri: "qemu+ssh://ash/system", hostUuid: "a" };
const record: MoveRecord = { id: "this", run: "r", from: end, to: { ...end, name: "birch", hostUuid: "b" }, begun: "2026-01-01T00:00:00Z" };
const wasPaused: MoveRecord = { ...record, paused: true };
const former: MoveRecord = { ...record, id: "former" };
const { MIGRATION, STARTING_UP, POSTCOPY, POSTCOPY_FAILED, USER, UNKNOWN, IOERROR, WATCHDOG } = DomainPausedReason;

const gone: Side = { power: "gone", reason: 0, busy: false };
const journalled = { live: record, defined: record };
const side = (power: Side["power"], reason: number, more: Partial<Side> = {}): Side => ({ power, reason, busy: false, ...more });

/** What each window of a move leaves, by what the lab showed. */
const windows: readonly { readonly window: string; readonly from: Side; readonly to: Side; readonly expected: string }[] = [
  { window: "before Begin3", from: side("running", 1, journalled), to: gone, expected: "stay" },
  { window: "Begin3's job is still held", from: side("running", 1, { ...journalled, busy: true }), to: gone, expected: "wait" },
  { window: "QEMU waits at the target", from: side("running", 1, journalled), to: side("paused", MIGRATION, { live: record }), expected: "end target" },
  { window: "Perform3 is over, the target's QEMU is still there", from: side("paused", MIGRATION, journalled), to: side("paused", MIGRATION, { live: record }), expected: "end target" },
  { window: "Perform3 is over, the target's QEMU went with its client", from: side("paused", MIGRATION, journalled), to: gone, expected: "resume source" },
  { window: "the same, with an old definition at the target", from: side("paused", MIGRATION, journalled), to: side("off", 0, { defined: former }), expected: "resume source" },
  { window: "Finish3 has defined the guest and not let it run", from: side("paused", MIGRATION, journalled), to: side("paused", MIGRATION, journalled), expected: "resume target" },
  { window: "Finish3 failed after it had defined the guest", from: side("paused", MIGRATION, journalled), to: side("off", DomainShutoffReason.FAILED, { defined: record }), expected: "undefine target" },
  { window: "Finish3 is over", from: side("paused", MIGRATION, journalled), to: side("running", 2, journalled), expected: "end source" },
  { window: "the guest was shut down at the target", from: side("paused", MIGRATION, journalled), to: side("off", DomainShutoffReason.SHUTDOWN, { defined: record }), expected: "end source" },
  { window: "the target lost its power after Finish3", from: side("paused", MIGRATION, journalled), to: side("off", UNKNOWN, { defined: record }), expected: "ask" },
  { window: "the source was ended and not undefined", from: side("off", DomainShutoffReason.MIGRATED, { defined: record }), to: side("running", 2, journalled), expected: "undefine source" },
  { window: "Confirm3 is over", from: gone, to: side("running", 2, journalled), expected: "arrive" },
  { window: "it was shut down at the source meanwhile", from: side("off", DomainShutoffReason.SHUTDOWN, { defined: record }), to: gone, expected: "stay" },
  { window: "it was paused by its owner before", from: side("paused", USER, journalled), to: gone, expected: "stay" },
  { window: "it was paused before, and Finish3 is over", from: side("paused", USER, { live: wasPaused, defined: wasPaused }), to: side("paused", USER, { live: wasPaused, defined: wasPaused }), expected: "end source" },
  { window: "it was paused before, and Finish3 has only defined it", from: side("paused", USER, { live: wasPaused, defined: wasPaused }), to: side("paused", MIGRATION, { live: wasPaused, defined: wasPaused }), expected: "end source" },
  { window: "it was paused before, and all is over but the journal", from: gone, to: side("paused", MIGRATION, { live: wasPaused, defined: wasPaused }), expected: "arrive" },
  { window: "post-copy is under way", from: side("paused", POSTCOPY, { ...journalled, busy: true }), to: side("running", 5, { live: record, busy: true }), expected: "wait" },
  { window: "post-copy broke", from: side("paused", POSTCOPY_FAILED, journalled), to: side("paused", POSTCOPY_FAILED, { live: record }), expected: "ask" },
  { window: "post-copy broke, and the target's QEMU died", from: side("paused", POSTCOPY_FAILED, journalled), to: gone, expected: "ask" },
  { window: "it runs twice", from: side("running", 1, journalled), to: side("running", 2, journalled), expected: "ask" },
  { window: "nothing was begun", from: side("running", 1), to: gone, expected: "nothing" },
];

describe("what is done with a move that was begun and not ended", () => {
  for (const { window, from, to, expected } of windows) {
    it(`${window}: ${expected}`, () => { assert.equal(judge(from, to).do, expected); });
  }
});

/** Every pair of sides that can be made of what libvirt says. */
function* pairs(): Generator<readonly [Side, Side]> {
  const journals = [{}, { live: record }, { defined: record }, journalled, { live: record, defined: former }, { defined: former }];
  const paused = [UNKNOWN, USER, MIGRATION, IOERROR, WATCHDOG, STARTING_UP, POSTCOPY, POSTCOPY_FAILED];
  const sides: Side[] = [gone];
  for (const more of journals) {
    for (const busy of [false, true]) {
      sides.push(side("running", 1, { ...more, busy }), ...paused.map((reason) => side("paused", reason, { ...more, busy })));
    }
    if (!("live" in more)) sides.push(...Object.values(DomainShutoffReason).map((reason) => side("off", reason, more)));
  }
  for (const from of sides) for (const to of sides) yield [from, to];
}

describe("whatever the two hosts say", () => {
  const active = (one: Side): boolean => one.power === "running" || one.power === "paused";

  it("a source is resumed only when the target has no QEMU and did not accept this move's guest, and never after post-copy", () => {
    for (const [from, to] of pairs()) {
      if (judge(from, to).do !== "resume source") continue;
      assert.equal(from.power, "paused");
      assert.equal(from.reason, MIGRATION);
      assert.equal(active(to), false, JSON.stringify([from, to]));
      assert.notEqual(to.defined?.id, (from.live ?? from.defined)?.id, JSON.stringify([from, to]));
    }
  });

  it("nothing that runs is ended, and never the only copy", () => {
    for (const [from, to] of pairs()) {
      const verdict = judge(from, to).do;
      const left = (from.live ?? from.defined)?.id;
      if (verdict === "end source") assert.ok(from.power === "paused" && left !== undefined && to.defined?.id === left, JSON.stringify([from, to]));
      if (verdict === "end target") assert.ok(to.power === "paused" && (left === undefined || to.defined?.id !== left), JSON.stringify([from, to]));
      if (verdict === "undefine source") assert.ok(from.power === "off" && left !== undefined && to.defined?.id === left, JSON.stringify([from, to]));
      if (verdict === "undefine target") assert.ok(to.power === "off" && from.power !== "gone" && from.power !== "off", JSON.stringify([from, to]));
    }
  });

  it("nothing is done while libvirt is at work on either side", () => {
    for (const [from, to] of pairs()) {
      if (from.busy || to.busy) assert.ok(["wait", "ask", "nothing"].includes(judge(from, to).do), JSON.stringify([from, to]));
    }
  });
});

describe("a guest in the middle of a move that nobody ends yet", () => {
  for (const [window, from, to, expected] of [
    ["QEMU waits at the target", side("running", 1, { ...journalled, busy: true }), side("paused", MIGRATION, { live: record, busy: true }), "source"],
    ["Perform3 is over", side("paused", MIGRATION, journalled), side("paused", MIGRATION, { live: record }), "source"],
    ["Finish3 has defined the guest", side("paused", MIGRATION, journalled), side("paused", MIGRATION, journalled), "target"],
    ["Finish3 is over", side("paused", MIGRATION, journalled), side("running", 2, journalled), "target"],
    ["post-copy is under way", side("paused", POSTCOPY, { ...journalled, busy: true }), side("running", 5, { live: record, busy: true }), "target"],
  ] as const) {
    it(`is at the ${expected} when ${window}`, () => {
      const verdict = judge(from, to);
      assert.ok(verdict.do !== "ask");
      assert.equal(isAtTarget(verdict, from, to) ? "target" : "source", expected);
    });
  }
});
