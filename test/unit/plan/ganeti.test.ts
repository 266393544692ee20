import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { factsOf } from "../../../bench/plan/ganeti/facts.js";
import { placesOf, readGaneti, writeGaneti, type GanetiCluster } from "../../../bench/plan/ganeti/format.js";
import { balance } from "../../../bench/plan/ganeti/index.js";
import { judge, scoreOf } from "../../../bench/plan/ganeti/judge.js";
import { GanetiWalk, type Move } from "../../../bench/plan/ganeti/moves.js";
import { Random } from "../../../provider/plan/solve/random.js";

const DATA = resolve(import.meta.dirname, "../../../../../shared/data/ganeti");

function clusterOf(nodes: readonly string[], instances: readonly string[], tags: readonly string[] = []): GanetiCluster {
  return readGaneti(["g|id|preferred||", "", ...nodes, "", ...instances, "", ...tags, ""].join("\n"));
}

const PAIR = clusterOf(["a|1000|0|900|1000|900|4|N|id|1", "b|1000|0|1000|1000|1000|4|N|id|1"], ["one|100|100|1|running|Y|a||plain||1"]);

/** Full of what can go wrong: an offline node, locations, exclusion and migration tags, a stopped instance, shared storage. */
const MIXED = clusterOf(
  [
    "a|8000|100|3900|9000|4000|8|N|id|4|power:x,hv:new", "b|8000|100|5400|9000|5000|8|N|id|4|power:x", "c|8000|100|5800|9000|6000|8|N|id|4|power:y",
    "d|8000|100|7900|9000|9000|8|M|id|4|power:y,hv:new", "e|8000|0|7000|9000|7000|8|Y|id|4|",
  ],
  [
    "i1|1000|1000|1|running|Y|a|b|drbd|role:db|1", "i2|1500|2000|2|running|Y|a|c|drbd|role:db,power:y|1", "i3|500|1000|1|ADMIN_down|Y|b|a|drbd||1",
    "i4|1000|1000|1|running|N|b|c|drbd||1", "i5|1000|1000|1|running|Y|e|a|drbd||1", "i6|700|0|1|running|Y|c||rbd|power:x|1", "i7|800|500|2|running|Y|a||plain||1",
    "i8|900|1000|1|running|Y|b|e|drbd|role:web|1", "i9|900|1000|1|ADMIN_offline|Y|c|b|drbd|role:web|1",
  ],
  ["htools:iextags:role", "htools:nlocation:power", "htools:desiredlocation:power", "htools:migration:hv"],
);

describe("Ganeti's cluster score", () => {
  it("is what the definition says", () => {
    // Deviations: memory 0.05 and disk 0.05, each half and twice; CPUs 0.125; four loads of 0.5; spindles 1/64.
    const expected = 0.05 + 0.05 + 0.125 + 4 * 0.5 + 1 / 64;
    assert.ok(Math.abs(scoreOf(PAIR, placesOf(PAIR), 0) - expected) < 1e-12);
    assert.ok(Math.abs(new GanetiWalk(PAIR, factsOf(PAIR), placesOf(PAIR), 0).cost() - expected) < 1e-12);
  });

  it("is the same by moves and counted anew, and every move is permitted", () => {
    const walk = new GanetiWalk(MIXED, factsOf(MIXED), placesOf(MIXED), 0);
    const random = new Random(3);
    const moves: Move[] = [];
    const kinds = new Set<string>();
    for (let round = 0; round < 120; round += 1) {
      const possible: Move[] = [];
      const before = walk.cost();
      walk.forEachStep((move) => possible.push(move));
      assert.ok(Math.abs(walk.cost() - before) < 1e-12);
      const unseen = possible.filter(({ kind }) => !kinds.has(kind));
      const from = unseen.length > 0 ? unseen : possible;
      const move = from[random.below(from.length)];
      assert.ok(move !== undefined);
      assert.ok(walk.take(move));
      moves.push(move);
      kinds.add(move.kind);
      const judged = judge(MIXED, moves, 0);
      assert.deepEqual(judged.faults, []);
      assert.ok(Math.abs(judged.score - walk.cost()) < 1e-9, `${judged.score} ${walk.cost()}`);
    }
    assert.equal(kinds.size, 6, [...kinds].join());
    const written = readGaneti(writeGaneti(MIXED, walk.places));
    assert.ok(Math.abs(scoreOf(written, placesOf(written), 0) - walk.cost()) < 1e-9, "the written file has the same score");
    for (let i = 0; i < moves.length; i += 1) walk.back();
    assert.ok(Math.abs(walk.cost() - scoreOf(MIXED, placesOf(MIXED), 0)) < 1e-9);
  });

  it("has moves refused that Ganeti does not permit", () => {
    const refused: readonly [Move, RegExp][] = [
      [{ instance: 0, kind: "failover", node: -1 }, /migration tags/],
      [{ instance: 0, kind: "replaceSecondary", node: 4 }, /offline/],
      [{ instance: 0, kind: "replaceSecondary", node: 0 }, /are one/],
      [{ instance: 3, kind: "failover", node: -1 }, /not to be moved/],
      [{ instance: 5, kind: "failover", node: -1 }, /kind of disks/],
      [{ instance: 6, kind: "failoverToAny", node: 1 }, /not to be moved/],
    ];
    for (const [move, why] of refused) assert.match(judge(MIXED, [move], 0).faults.join(), why);
    const small = clusterOf(
      ["a|4000|0|1000|9000|5000|8|N|id|4", "b|2000|0|500|9000|8000|8|N|id|4", "c|4000|0|3000|3000|100|8|N|id|4"],
      ["i1|1000|1000|1|running|Y|a||rbd|db|1", "i2|1500|1000|1|running|Y|b||rbd|db|1", "i3|1000|1000|1|running|Y|a|c|drbd||1", "i4|1000|900|30|running|Y|c|a|drbd||1"], ["htools:iextags:db"]);
    assert.match(judge(small, [{ instance: 0, kind: "failoverToAny", node: 1 }], 0).faults.join(), /no memory left.*same exclusion tag/);
    assert.match(judge(small, [{ instance: 2, kind: "replaceSecondary", node: 1 }], 0).faults.join(), /failure.*take it over/);
    const walk = new GanetiWalk(small, factsOf(small), placesOf(small), 0);
    assert.equal(walk.take({ instance: 0, kind: "failoverToAny", node: 1 }), false);
    assert.equal(walk.take({ instance: 2, kind: "replaceSecondary", node: 1 }), false);
  });
});

describe("balancing of Ganeti's clusters", () => {
  it("takes no more moves than it may, and is not worse than the steepest way", () => {
    const { score, moves, hbal } = balance(MIXED, 0, undefined, 0.2);
    assert.ok(score <= hbal.score + 1e-9);
    assert.ok(moves.length <= hbal.moves && moves.length > 0);
    const one = balance(MIXED, 0, { initial: scoreOf(MIXED, placesOf(MIXED), 0), final: 1e9, moves: 1 }, 0.2);
    assert.equal(one.moves.length, 1);
  });

  it("begins with hbal's score on its own files, and reaches what it reached", { skip: existsSync(DATA) ? false : `${DATA} is not there` }, () => {
    const lines = readFileSync(resolve(DATA, "hbal_reference.tsv"), "utf8").trim().split("\n").slice(1);
    for (const line of lines) {
      const [file = "", , , initial = "", final = "", moves = ""] = line.split("\t");
      const outcome = balance(readGaneti(readFileSync(resolve(DATA, file), "utf8")), 0, { initial: Number(initial), final: Number(final || initial), moves: Number(moves) }, 0.2);
      assert.ok(Math.abs(outcome.initial - Number(initial)) < 1e-6, file);
      assert.ok(outcome.score <= Number(final || initial) + 1e-8, file);
      assert.ok(outcome.moves.length <= Number(moves), file);
    }
  });
});
