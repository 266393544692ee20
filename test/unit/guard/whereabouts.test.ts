import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Whereabouts } from "../../../provider/guard/whereabouts.js";

const GUEST = "guest";
const OTHER = "other";
let whereabouts: Whereabouts;

function answers(host: string, uuids: readonly string[], askedMs: number, { isClosed = false, incoming = [] as readonly string[] } = {}): void {
  whereabouts.answered(host, new Set([...uuids, ...incoming]), uuids, isClosed, askedMs);
}

beforeEach(() => {
  whereabouts = new Whereabouts();
  whereabouts.settled(GUEST, true);
});

describe("a guest", () => {
  it("is seen on the host where it ran last", () => {
    answers("ash", [GUEST], 0);
    assert.deepEqual([whereabouts.isSeenOn(GUEST, "ash"), whereabouts.isSeenOn(GUEST, "birch"), whereabouts.isSeenOn(OTHER, "ash")], [true, false, false]);
    answers("birch", [GUEST], 1_000);
    assert.deepEqual([whereabouts.isSeenOn(GUEST, "ash"), whereabouts.isSeenOn(GUEST, "birch")], [false, true]);
  });
});

describe("a host that gives no answer", () => {
  it("cannot have a guest that was seen to run elsewhere after it had fallen silent", () => {
    answers("ash", [GUEST], 0);
    answers("cedar", [], 0);
    whereabouts.silent("cedar", 5_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), false, "it may have moved there at the end");
    answers("ash", [GUEST], 6_000);
    whereabouts.silent("ash", 11_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), true);
    assert.equal(whereabouts.cannotBeOn(GUEST, "ash"), false, "it ran there");
    assert.equal(whereabouts.cannotBeOn(OTHER, "cedar"), false, "nobody saw that one");
  });

  it("may have it where it answered since, or where that may be", () => {
    whereabouts.silent("cedar", 1_000);
    answers("ash", [GUEST], 2_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), true);
    whereabouts.interrupt(3_000, "cedar");
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), false);
    answers("ash", [GUEST], 4_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), true);
    answers("cedar", [], 5_000);
    whereabouts.silent("cedar", 9_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), false);
  });

  it("cannot have a guest whose host was silent before it was seen without", () => {
    answers("ash", [GUEST], 0);
    whereabouts.silent("ash", 5_000);
    answers("birch", [], 4_000);
    whereabouts.silent("birch", 9_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "birch"), false, "it was asked before the other fell silent");
    answers("birch", [], 10_000);
    whereabouts.silent("birch", 15_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "birch"), true);
    whereabouts.interrupt(20_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "birch"), false);
  });

  it("may have a guest whose copy waited there for its memory", () => {
    answers("ash", [GUEST], 0);
    whereabouts.silent("ash", 5_000);
    answers("birch", [], 6_000, { incoming: [GUEST] });
    whereabouts.silent("birch", 11_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "birch"), false);
  });

  it("cannot have a guest that it had not when it fell silent in maintenance", () => {
    answers("cedar", [OTHER], 1_000, { isClosed: true });
    answers("ash", [GUEST], 1_000);
    whereabouts.silent("cedar", 6_000);
    whereabouts.silent("ash", 6_000);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), true);
    whereabouts.settled(OTHER, true);
    assert.equal(whereabouts.cannotBeOn(OTHER, "cedar"), false);
  });

  it("may have a guest that was in a move when all hosts were read, or is moved now", () => {
    whereabouts.silent("cedar", 1_000);
    answers("ash", [GUEST], 2_000);
    whereabouts.settled(GUEST, false);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), false);
    whereabouts.settled(GUEST, true);
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), true);
    whereabouts.unsettle();
    assert.equal(whereabouts.cannotBeOn(GUEST, "cedar"), false);
  });
});
