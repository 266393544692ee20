import assert from "node:assert/strict";
import { it } from "node:test";
import { planNow, violationsOf, type HostState } from "../../../../provider/plan/index.js";
import { caseOf } from "./cases.js";
import { describeRule, placesOf } from "./support.js";

describeRule("state");

it("rule state leaves what others run on a host that is to be empty", () => {
  const capacity = { vcpus: 8, memoryMib: 8192 };
  const { outcome, actions } = planNow({
    hosts: [{ name: "ash", capacity, state: "maintenance" }, { name: "birch", capacity }],
    vms: [{ name: "ours", demand: { vcpus: 1, memoryMib: 1024 }, host: "ash" }, { name: "theirs", demand: { vcpus: 1, memoryMib: 1024 }, host: "ash", managed: false }],
  });
  assert.deepEqual([outcome, actions.map(({ subject, to }) => `${subject} ${to?.host ?? ""}`)], ["changes", ["ours birch"]]);
});

it("rule state has words for each state", () => {
  const { inventory } = caseOf("state");
  const said = (state: HostState): string[] => {
    const changed = { ...inventory, hosts: inventory.hosts.map((host) => (host.name === "cedar" ? { ...host, state } : host)) };
    return violationsOf(changed, placesOf(changed, { a: "cedar" })).map(({ text }) => text);
  };
  assert.deepEqual([said("up"), said("leaving"), said("off"), said("lost"), said("unknown")], [
    [], ["a is on cedar, which leaves the cluster"], ["a is on cedar, which is switched off"], ["a is on cedar, which is lost"], ["a is on cedar, of which nothing is known"],
  ]);
});
