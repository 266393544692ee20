import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Hindrances } from "../../../provider/guard/hindrances.js";

describe("what keeps guests waiting", () => {
  it("is found out for each guest once a minute", async () => {
    const hindrances = new Hindrances();
    let asked = 0;
    const find = (): Promise<string> => {
      asked += 1;
      return Promise.resolve(`reason ${asked}`);
    };
    assert.deepEqual([await hindrances.why("a", 0, find), await hindrances.why("a", 59_999, find), await hindrances.why("b", 59_999, find), await hindrances.why("a", 60_000, find)], ["reason 1", "reason 1", "reason 2", "reason 3"]);
  });

  it("is for five minutes that a guest could not be moved", () => {
    const hindrances = new Hindrances();
    hindrances.moveFailed("web", 0);
    assert.deepEqual([[...hindrances.unmovable(299_999).keys()], [...hindrances.unmovable(300_000).keys()]], [["web"], []]);
  });
});
