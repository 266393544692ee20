import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Climb, LADDERS, type MigrationPolicy } from "../../../provider/apply/migrate/ladder.js";

const MIB = 2 ** 20;

/** What a policy does with a guest whose rounds have so much to send, in MiB, one look a round. */
function climbed(policy: MigrationPolicy, rounds: readonly number[]): (string | number)[] {
  const climb = new Climb(LADDERS[policy]);
  return rounds.flatMap((mib, round) => climb.see(round + 1, mib * MIB)).map((action) => (typeof action === "string" ? action : action.downtimeMs));
}

describe("a policy's ladder", () => {
  const never = [128, ...Array.from({ length: 20 }, () => 24)];

  it("is climbed to its end by a guest that writes as fast as it is sent", () => {
    assert.deepEqual(climbed("minimal-downtime", never), [150, 200, 300, 400, 500, "abort"]);
    assert.deepEqual(climbed("suspend-if-needed", never), [150, 200, 300, 400, 500, 5000, "abort"]);
    assert.deepEqual(climbed("post-copy", never), [150, 200, "post-copy"]);
    assert.deepEqual(climbed("very-large", never), [1500, 5000, "abort"]);
  });

  it("is not climbed by one that comes nearer with each round", () => {
    assert.deepEqual(climbed("minimal-downtime", [128, 64, 32, 16, 8, 4, 2, 1]), []);
  });

  it("counts a round once, however often it is looked at, by the most that it had to send", () => {
    const climb = new Climb(LADDERS["minimal-downtime"]);
    const seen = [[1, 128], [1, 5], [2, 24], [2, 3], [3, 24], [3, 12], [3, 1], [4, 24], [4, 2]].flatMap(([round = 0, mib = 0]) => climb.see(round, mib * MIB));
    assert.deepEqual(seen, [{ downtimeMs: 150 }]);
  });
});
