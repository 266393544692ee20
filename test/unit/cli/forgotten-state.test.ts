import assert from "node:assert/strict";
import { test } from "node:test";
import { forgetHost } from "../../../cli/forgotten-state.js";
import type { StackState } from "../../../cli/stack-state.js";

const urn = (kind: string, name: string): string => `urn:pulumi:dev::p::pulumi-nodejs:dynamic/drover:${kind}::${name}`;
const type = (kind: string): string => `pulumi-nodejs:dynamic/drover:${kind}`;
const ash = { name: "ash", uri: "qemu+ssh://ash/system", owner: "a" };
const birch = { name: "birch", uri: "qemu+ssh://birch/system", owner: "b" };

function state(): StackState {
  return { deployment: { resources: [
    { urn: urn("Host", "ash"), type: type("Host"), inputs: { uri: ash.uri } },
    { urn: urn("Host", "birch"), type: type("Host"), inputs: { uri: birch.uri } },
    { urn: urn("HostStoragePool", "disks-ash"), type: type("HostStoragePool"), inputs: { host: ash } },
    { urn: urn("HostStoragePool", "disks-birch"), type: type("HostStoragePool"), inputs: { host: birch }, dependencies: [urn("Host", "birch"), urn("Host", "ash")] },
    { urn: urn("VirtualMachine", "on-ash"), type: type("VirtualMachine"), inputs: { host: ash }, outputs: { runsOn: "ash" } },
    { urn: urn("VirtualMachine", "moved"), type: type("VirtualMachine"), inputs: { host: ash, disks: { root: { pool: { hosts: [ash, birch] } } } }, outputs: { runsOn: "birch" },
      propertyDependencies: { host: [urn("Host", "ash")], disks: [urn("HostStoragePool", "disks-birch"), urn("HostStoragePool", "disks-ash")] } },
  ] } };
}

test("a dead host leaves the state with all that was on it alone, and nothing depends on it any more", () => {
  const { deployment, removed, guests } = forgetHost(state(), "ash");
  assert.deepEqual(removed, [urn("Host", "ash"), urn("HostStoragePool", "disks-ash"), urn("VirtualMachine", "on-ash")]);
  assert.deepEqual(guests, ["on-ash"]);
  const kept = deployment.deployment.resources ?? [];
  assert.deepEqual(kept.map((resource) => resource.urn), [urn("Host", "birch"), urn("HostStoragePool", "disks-birch"), urn("VirtualMachine", "moved")]);
  assert.deepEqual(kept[1]?.dependencies, [urn("Host", "birch")]);
  assert.deepEqual(kept[2]?.propertyDependencies, { host: [], disks: [urn("HostStoragePool", "disks-birch")] });
  assert.deepEqual(kept[2].inputs?.["disks"], { root: { pool: { hosts: [birch] } } });
});

test("an unknown host is an error that names the known ones", () => {
  assert.throws(() => forgetHost(state(), "asch"), /no host of that name \(it has ash, birch\)/);
});
