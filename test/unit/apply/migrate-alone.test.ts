import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeAlone } from "../../../provider/apply/migrate/recover-alone.js";
import type { MoveRecord } from "../../../provider/apply/migrate/journal.js";
import type { Side } from "../../../provider/apply/migrate/sides.js";
import { DomainPausedReason } from "../../../provider/libvirt/index.js";

const end = (name: string): MoveRecord["from"] => ({ name, uri: `qemu+ssh://${name}/system`, hostUuid: name });
const RECORD: MoveRecord = { id: "1", run: "r", from: end("ash"), to: end("birch"), begun: "2026-01-01T00:00:00Z" };
const { MIGRATION, USER, STARTING_UP, POSTCOPY, POSTCOPY_FAILED } = DomainPausedReason;

function side(power: Side["power"], more: Partial<Side> = {}): Side {
  return { power, reason: 0, busy: false, live: power === "running" || power === "paused" ? RECORD : undefined, defined: undefined, ...more };
}

describe("a guest that moved when the host at the other end died", () => {
  it("goes on at the source while the target never had it, once its move is given up", () => {
    assert.equal(judgeAlone("source", side("running", { busy: true })), "abort");
    assert.equal(judgeAlone("source", side("running")), "clear");
    assert.equal(judgeAlone("source", side("paused", { reason: USER })), "clear");
  });

  it("is never resumed at the source once it stood still for the move: the dead target may have run it", () => {
    for (const reason of [MIGRATION, POSTCOPY, POSTCOPY_FAILED]) for (const busy of [true, false]) assert.equal(judgeAlone("source", side("paused", { reason, busy })), "end");
  });

  it("goes on at the target that has all of it", () => {
    assert.equal(judgeAlone("target", side("running", { defined: RECORD })), "clear");
    assert.equal(judgeAlone("target", side("paused", { defined: RECORD, reason: MIGRATION })), "resume");
    assert.equal(judgeAlone("target", side("paused", { defined: RECORD, reason: STARTING_UP })), "resume");
    assert.equal(judgeAlone("target", side("paused", { defined: RECORD, live: { ...RECORD, paused: true }, reason: MIGRATION })), "clear");
  });

  it("is ended at the target that waits for memory which does not come", () => {
    assert.equal(judgeAlone("target", side("paused", { reason: MIGRATION, busy: true })), "end");
    assert.equal(judgeAlone("target", side("paused", { reason: POSTCOPY_FAILED, defined: RECORD })), "end");
  });

  it("leaves what has no journal alone", () => {
    assert.equal(judgeAlone("source", side("running", { live: undefined })), "nothing");
    assert.equal(judgeAlone("target", side("gone")), "nothing");
    assert.equal(judgeAlone("target", side("off", { defined: RECORD })), "clear");
  });
});
