import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { closedBy, confirmedDead, declaredDead, markUuid, type DeathNote, type HostMark } from "../../../../provider/inventory/cluster/index.js";
import { formatHostMark, parseHostMark } from "../../../../provider/inventory/cluster/mark.js";

const note = { by: "alice@laptop", at: "2026-01-01T00:00:00Z", reason: "new memory" };
const full: HostMark = {
  cluster: { id: "c1", name: "prod" },
  state: { kind: "evacuated", ...note },
  hosts: [{ name: "ash", boot: "b1", uri: "qemu+ssh://root@ash/system", hostUuid: "u" }, { name: "birch", uri: "qemu+tcp://birch/system", confirmedDead: note }],
};

describe("a host's mark", () => {
  for (const mark of [full, { ...full, state: undefined, hosts: [] }]) {
    it(`comes back as it was written, ${mark.state?.kind ?? "without a state"}`, () => {
      assert.deepEqual(parseHostMark(formatHostMark(mark)), mark);
    });
  }

  it("has a UUID for each cluster, the same ever after", () => {
    assert.equal(markUuid("c1"), "62fb839f-7475-59e3-8b38-affaf551f630");
    assert.notEqual(markUuid("c1"), markUuid("c2"));
  });

  const text = formatHostMark(full);
  for (const [what, broken, answer] of [
    ["no JSON", "garbage", /no JSON/],
    ["no object", "[]", /it is no object/],
    ["a newer version", text.replace('"version":1', '"version":2'), /its version is 2, and this Drover knows 1: upgrade/],
    ["no version", text.replace('"version":1,', ""), /no version/],
    ["an unknown state", text.replace('"evacuated"', '"napping"'), /its state is "napping"/],
    ["a note without an author", text.replace('"by":"alice@laptop",', ""), /its by is no text/],
    ["no hosts", text.replace(/"hosts":.*/, '"hosts":{}}'), /its hosts are no list/],
    ["a host without a URI", text.replace('"uri":"qemu+tcp://birch/system",', ""), /its uri is no text/],
  ] as const) {
    it(`says what is wrong with ${what}`, () => {
      assert.notEqual(broken, text);
      assert.throws(() => parseHostMark(broken), (error) => error instanceof TypeError && answer.test(error.message));
    });
  }

  describe("a word of death", () => {
    const ash = { name: "ash", uri: "qemu+ssh://root@ash/system" };
    const told = (boot: string | undefined, word: DeathNote): HostMark => ({ ...full, hosts: [{ ...ash, ...(boot === undefined ? {} : { boot }), confirmedDead: word }] });
    const nowMs = Date.parse("2026-01-01T00:30:00Z");
    for (const [words, marks, expected] of [
      ["counts for the boot that was seen last", [told("b1", { ...note, boot: "b1" })], true],
      ["counts where no boot was ever seen", [told(undefined, note)], true],
      ["says nothing of a later boot", [told("b2", { ...note, boot: "b1" })], false],
      ["says nothing of a boot that was seen after a word without one", [told("b2", note)], false],
      ["counts no more once one host knows of a later boot", [told("b1", { ...note, boot: "b1" }), told("b2", { ...note, boot: "b1" })], false],
      ["counts no more once one host knows that something answered", [told("b1", { ...note, boot: "b1" }), told("b1", { ...note, boot: "b1", answered: "2026-01-01T00:10:00Z" })], false],
      ["counts until it ends", [told("b1", { ...note, boot: "b1", until: "2026-01-01T01:00:00Z" })], true],
      ["counts no more when it has ended", [told("b1", { ...note, boot: "b1", until: "2026-01-01T00:20:00Z" })], false],
      ["counts no more where when it ends cannot be read", [told("b1", { ...note, boot: "b1", until: "soon" })], false],
    ] as const) it(words, () => {
      assert.equal(confirmedDead(marks, ash, nowMs) !== undefined, expected);
      assert.deepEqual(declaredDead(marks, [ash]), [ash], "the host has yet to be taken back");
      for (const mark of marks) assert.deepEqual(parseHostMark(formatHostMark(mark)), mark);
    });
  });

  it("closes a host by any cluster's state, and calls the very host dead that it names", () => {
    const open: HostMark = { ...full, cluster: { id: "c0", name: "test" }, state: undefined };
    assert.equal(closedBy([open]), undefined);
    assert.equal(closedBy([open, full])?.kind, "evacuated");
    assert.deepEqual(confirmedDead([full], { name: "birch", uri: "qemu+tcp://birch/system" }), note);
    assert.equal(confirmedDead([full], { name: "birch", uri: "qemu+tcp://other/system" }), undefined, "another host of that name");
    assert.equal(confirmedDead([full], { name: "ash", uri: "qemu+ssh://root@ash/system" }), undefined);
    const outdated: HostMark = { ...full, hosts: full.hosts.map(({ confirmedDead: _, ...host }) => host) };
    assert.equal(confirmedDead([full, outdated], { name: "birch", uri: "qemu+tcp://birch/system" }), undefined, "one of the cluster's marks knows better");
    const other: HostMark = { ...outdated, cluster: { id: "another", name: "another" } };
    assert.deepEqual(confirmedDead([full, other], { name: "birch", uri: "qemu+tcp://birch/system" }), note, "another cluster was not asked");
    const hosts = ["ash", "birch"].map((name) => ({ name, uri: `qemu+tcp://${name}/system` }));
    assert.deepEqual(declaredDead([outdated, full], hosts).map(({ name }) => name), ["birch"]);
    assert.deepEqual(declaredDead([outdated, other], hosts), []);
  });
});
