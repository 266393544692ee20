import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { lossText, planText } from "../../../cli/plan.js";
import { mistakesOf, planNow, verify, violationsOf, whatIfLost, why, type Action, type Inventory, type LinkedPart, type Plan } from "../../../provider/plan/index.js";
import { unlinked } from "../../../provider/plan/linked.js";
import { carriedOut } from "../../../provider/plan/otherwise.js";
import { linkedFaults } from "../../../provider/plan/verify-linked.js";
import { inventories } from "./inventories.js";

const RUNS = Math.ceil(Number(process.env["DROVER_PLAN_RUNS"] ?? 300) / 3);

const room = { vcpus: 8, memoryMib: 8192, diskMib: 65536 };
const secondary: LinkedPart = { name: "secondary", demand: { diskMib: 20480 }, host: "birch" };
const mirrored: Inventory = {
  hosts: ["ash", "birch", "cedar", "oak"].map((name) => ({ name, capacity: room })),
  vms: [{ name: "db", demand: { vcpus: 2, memoryMib: 4096, diskMib: 20480 }, host: "ash", priority: 3, linked: [secondary] }, { name: "web", demand: { vcpus: 1, memoryMib: 1024 }, host: "cedar" }],
};

function withState(name: string, state: "maintenance" | "lost"): Inventory {
  return { ...mirrored, hosts: mirrored.hosts.map((host) => (host.name === name ? { ...host, state } : host)) };
}

function withParts(...linked: readonly LinkedPart[]): Inventory {
  return { ...mirrored, vms: mirrored.vms.map((vm) => (vm.name === "db" ? { ...vm, linked } : vm)) };
}

function doneBy({ actions }: Plan): string[] {
  return actions.map(({ kind, subject, from, to, mib }) => [kind, subject, from?.host ?? "-", to?.host ?? "-", ...(mib === undefined ? [] : [mib])].join(" "));
}

/** Random inventories where some VMs have one or two parts, on hosts of any sort. */
const linkedInventories: fc.Arbitrary<Inventory> = inventories({ hosts: 6, vms: 9, rules: 2 }).chain((inventory) => {
  const part = fc.record({ demand: fc.record({ memoryMib: fc.integer({ min: 0, max: 4 }).map((half) => half * 512) }), at: fc.option(fc.nat(7), { nil: undefined }), movable: fc.constantFrom(true, true, true, false) });
  return fc.array(fc.array(part, { maxLength: 2 }), { minLength: inventory.vms.length, maxLength: inventory.vms.length }).map((parts) => ({
    ...inventory,
    vms: inventory.vms.map((vm, i) => ({
      ...vm,
      linked: (parts[i] ?? []).map(({ at, ...rest }, j): LinkedPart => ({ name: `p${j}`, ...rest, ...(at === undefined ? {} : { host: inventory.hosts[at % inventory.hosts.length]?.name ?? "" }) })),
    })),
  }));
});

describe("a linked part", () => {
  it("moves by itself, and its move copies its disk", () => {
    const plan = planNow(withState("birch", "maintenance"));
    assert.deepEqual([plan.outcome, plan.actions.map(({ kind, subject, from, mib, reason }) => [kind, subject, from?.host, mib, reason])],
      ["changes", [["migrate", "db/secondary", "birch", 20480, "db/secondary is on birch, which is in maintenance"]]]);
    assert.ok(["cedar", "oak"].includes(plan.assignments["db/secondary"]?.host ?? ""));
    assert.match(planText(plan), /migrate │ db\/secondary │ birch/);
    assert.deepEqual(doneBy(planNow({ ...withParts({ ...secondary, copyMib: 100 }), hosts: withState("birch", "maintenance").hosts })).map((text) => text.split(" ").at(-1)), ["100"]);
  });

  it("is never where its VM or another part is, though that is the emptiest host", () => {
    const three = planNow(withParts(secondary, { name: "third", demand: { diskMib: 20480 } }));
    assert.deepEqual(three.actions.map(({ kind, subject }) => [kind, subject]), [["start", "db/third"]]);
    assert.ok(["cedar", "oak"].includes(three.assignments["db/third"]?.host ?? ""));
    const parts = ["b", "c", "d", "e"].map((name) => ({ name, demand: { diskMib: 1 } }));
    const tooMany = planNow(withParts(...parts));
    assert.equal(tooMany.outcome, "impossible");
    assert.match(tooMany.conflict?.texts.join("\n") ?? "", /parts of db: separate vms db, db\/b, db\/c, db\/d and db\/e/);
    const together = withParts({ ...secondary, host: "ash" });
    assert.deepEqual(violationsOf(together, { db: { host: "ash" }, "db/secondary": { host: "ash" }, web: { host: "cedar" } }).map(({ rule, hard }) => [rule, hard]), [["parts of db", true]]);
    const apart = planNow(together);
    assert.deepEqual([apart.outcome, apart.violationsBefore.map(({ text }) => text), apart.actions.length], ["changes", ["db and db/secondary are together on ash"], 1]);
  });

  it("holds what it demands: a host where it is has that much less", () => {
    const large = planNow({ ...mirrored, vms: [...mirrored.vms.slice(0, 1), ...["a", "b"].map((name) => ({ name, demand: { diskMib: 50000 } }))] });
    assert.deepEqual(["a", "b"].map((name) => large.assignments[name]?.host).sort(), ["cedar", "oak"]);
  });

  it("makes way first where its VM needs its host", () => {
    const plan = planNow({ ...mirrored, rules: [{ kind: "fence", vms: ["db"], hosts: ["birch"] }] });
    assert.deepEqual(plan.actions.map(({ subject }) => subject), ["db/secondary", "db"]);
    const [first, second] = plan.actions;
    assert.ok((first?.startSeconds ?? 0) + (first?.durationSeconds ?? 0) <= (second?.startSeconds ?? 0));
  });

  it("stays though its VM does not run, is made anew where its host is lost, and is named by rules and reasons", () => {
    const stopped = { ...mirrored, vms: mirrored.vms.map((vm) => ({ ...vm, running: vm.name !== "db" })) };
    assert.deepEqual(doneBy(planNow(stopped)), ["stop db ash -"]);
    assert.deepEqual(planNow(withState("birch", "lost")).actions.map(({ kind, subject, reason }) => [kind, subject, reason]), [["start", "db/secondary", "its host birch is lost"]]);
    const fenced: Inventory = { ...mirrored, rules: [{ kind: "fence", name: "there", vms: ["db/secondary"], hosts: ["oak"] }] };
    assert.deepEqual(doneBy(planNow(fenced)), ["migrate db/secondary birch oak 20480"]);
    const { hosts } = why(fenced, "db/secondary", planNow(fenced));
    assert.deepEqual(hosts.map(({ verdict }) => verdict), ["forbidden", "forbidden", "forbidden", "here"]);
    assert.match(hosts[0]?.text ?? "", /together on ash|db\/secondary is on ash/);
  });

  it("is restarted elsewhere in what would become of a loss, like a VM", () => {
    const lost = whatIfLost(mirrored, { hosts: ["birch"] });
    assert.deepEqual(lost.losses[0]?.restarted.map(({ vm, from }) => [vm, from]), [["db/secondary", "birch"]]);
    assert.match(lossText(lost), /db\/secondary │ birch/);
    assert.deepEqual(whatIfLost({ ...mirrored, hosts: mirrored.hosts.slice(0, 3), vms: mirrored.vms.map((vm) => ({ ...vm, demand: { ...vm.demand, memoryMib: 8192 } })) }, { hosts: ["ash"] }).losses[0]?.left.map(({ vm }) => vm), ["db"]);
  });

  const wrong: readonly (readonly [string, Inventory, RegExp])[] = [
    ["a part named twice", withParts(secondary, secondary), /^db: two linked parts are named secondary$/],
    ["a part on a host that there is not", withParts({ ...secondary, host: "yew" }), /^db\/secondary is on yew, which is not among the hosts$/],
    ["a part that demands what no host has", withParts({ ...secondary, demand: { gpus: 1 } }), /^db\/secondary demands gpus, which no host has$/],
    ["a part that demands NaN", withParts({ ...secondary, demand: { diskMib: NaN } }), /diskMib/],
    ["a part with what only VMs have", withParts({ ...secondary, priority: 3 } as LinkedPart), /vms\.0\.linked\.0: must NOT have additional properties \("priority"\)/],
    ["a part without a name", withParts({ ...secondary, name: "" }), /linked\.0\.name/],
    ["a VM named as a part is", { ...mirrored, vms: [...mirrored.vms, { name: "db/secondary", demand: {} }] }, /^two VMs are named db\/secondary$/],
    ["a rule about a part that there is not", { ...mirrored, rules: [{ kind: "pin", vms: ["db/third"] }] }, /there is no VM db\/third/],
  ];
  for (const [what, inventory, words] of wrong) {
    it(`is told of: ${what}`, () => {
      assert.match(mistakesOf(inventory).join("\n"), words);
    });
  }
});

describe("plans with linked parts", () => {
  it("are safe by what was declared, and once carried out there is nothing left to do", () => {
    let moved = 0;
    fc.assert(fc.property(linkedInventories, (inventory) => {
      const plan = planNow(inventory);
      if (plan.outcome === "impossible") {
        assert.ok(plan.conflict?.texts.every((text) => !text.startsWith("no safe order")), plan.conflict?.texts.join("\n"));
        return;
      }
      moved += plan.actions.some(({ subject }) => subject.includes("/")) ? 1 : 0;
      assert.deepEqual(verify(inventory, plan.actions, plan.assignments), []);
      const next = planNow(carriedOut(inventory, plan.assignments));
      assert.deepEqual([next.outcome, next.actions], ["nothing", []]);
    }), { numRuns: RUNS });
    assert.ok(moved > RUNS / 20, `${moved} of ${RUNS} moved a part`);
  });

  const inventory = withState("birch", "maintenance");
  const good = planNow(inventory);
  const move = (subject: string, from: string, to: string, startSeconds: number): Action => ({ kind: "migrate", subject, from: { host: from }, to: { host: to }, startSeconds, durationSeconds: 10, mbps: 100, after: [], reason: "" });
  const end = { ...good.assignments, "db/secondary": { host: "oak" } };
  const broken: readonly (readonly [string, Inventory, readonly Action[], Plan["assignments"], RegExp])[] = [
    ["a part that goes to its VM's host", inventory, [move("db/secondary", "birch", "ash", 0)], { ...end, "db/secondary": { host: "ash" } }, /at the end db and db\/secondary are both on ash/],
    ["a VM that goes to its part's host", mirrored, [move("db", "ash", "birch", 0)], { ...end, db: { host: "birch" }, "db/secondary": { host: "birch" } }, /at 0 s db and db\/secondary are both on birch/],
    ["a part that passes by its VM's host", inventory, [move("db/secondary", "birch", "ash", 0), move("db/secondary", "ash", "oak", 20)], end, /at 0 s db and db\/secondary are both on ash/],
    ["a part that comes back to where it was together", withParts({ ...secondary, host: "ash" }), [move("db/secondary", "ash", "oak", 0), move("db/secondary", "oak", "ash", 20)], { ...end, "db/secondary": { host: "ash" } }, /at 20 s db and db\/secondary are both on ash/],
    ["two parts on one host", withParts(secondary, { ...secondary, name: "third", host: "cedar" }), [move("db/third", "cedar", "birch", 0)], { ...end, "db/secondary": { host: "birch" }, "db/third": { host: "birch" } }, /db\/secondary and db\/third are both on birch/],
    ["a part that is on no host", withParts(secondary, { name: "third", demand: {} }), [], good.assignments, /at the end db\/third is on no host/],
    ["a part where there is no room for it", { ...inventory, hosts: inventory.hosts.map((host) => (host.name === "oak" ? { ...host, capacity: { ...room, diskMib: 1024 } } : host)) }, [move("db/secondary", "birch", "oak", 0)], end, /at 0 s diskMib of oak is promised to VMs and parts for 19456 too much/],
  ];
  for (const [what, of, actions, assignments, words] of broken) {
    it(`are caught when wrong, by the replay and by the declared parts alone: ${what}`, () => {
      assert.match(linkedFaults(of, actions, assignments).join("\n"), words);
      // And by the other way alone: were the one wrong, the other would still tell.
      assert.notDeepEqual(verify(unlinked(of), actions, assignments), []);
      assert.match(verify(of, actions, assignments).join("\n"), words);
    });
  }

  it("are not caught when right", () => {
    assert.deepEqual([good.outcome, linkedFaults(inventory, good.actions, good.assignments)], ["changes", []]);
    const bare = { hosts: mirrored.hosts, vms: [] };
    assert.equal(unlinked(bare), bare);
  });
});
