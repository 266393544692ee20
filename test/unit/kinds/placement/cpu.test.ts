import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CpuBaseline, HostInventory } from "../../../../provider/inventory/cluster/index.js";
import { commonCpu } from "../../../../provider/kinds/placement/cpu.js";
import type { ReadCluster } from "../../../../provider/kinds/placement/reading.js";
import type { PlacementInputs } from "../../../../provider/schema/index.js";
import { host } from "../../inventory/cluster/readings.js";

const BASELINE: CpuBaseline = { arch: "x86_64", model: "EPYC", features: [], expanded: ["aes"] };
const inputs = { cluster: "prod", cpuBaseline: "keep" } as unknown as PlacementInputs;
const read = (...hosts: readonly HostInventory[]): ReadCluster => ({ inputs, hosts: hosts.map((each) => ({ read: each, state: "up", declared: {} })) }) as unknown as ReadCluster;
const before = (kept: object): PlacementInputs => ({ ...inputs, hosts: [{ host: {} }], ...kept }) as unknown as PlacementInputs;

const emulating = host("cedar", { accelerators: ["qemu"] });

describe("the CPU of a cluster's guests", () => {
  it("stays the default of VMs when a host joins that emulates", async () => {
    const { cpu, defaultCpu } = await commonCpu(read(host("ash"), emulating), before({ baseline: BASELINE, cpu: "EPYC", defaultCpu: "EPYC" }));
    assert.deepEqual([cpu, defaultCpu], ["EPYC", "EPYC"]);
  });

  it("is the default of a new cluster's VMs where all hosts have KVM, and of none where one emulates", async () => {
    const fresh = before({ baseline: BASELINE, cpu: "EPYC" });
    assert.equal((await commonCpu(read(host("ash"), host("birch")), fresh)).defaultCpu, "EPYC");
    assert.equal((await commonCpu(read(host("ash"), emulating), fresh)).defaultCpu, "");
  });

  it("does not become the default when the only host that emulates is silent", async () => {
    const { defaultCpu } = await commonCpu(read(host("ash")), before({ baseline: BASELINE, cpu: "EPYC", defaultCpu: "" }));
    assert.equal(defaultCpu, "");
  });

  it("stays none where there was none", async () => {
    const hostModel = { model: "EPYC", features: [] };
    const ash = host("ash", { cpu: { ...host("ash").cpu, hostModel } as unknown as HostInventory["cpu"] });
    assert.deepEqual(await commonCpu(read(ash), before({ cpu: "", defaultCpu: "" })), { cpu: "", defaultCpu: "" });
  });

  it("is none where libvirt knows no model of a host", async () => {
    assert.deepEqual(await commonCpu(read(host("ash")), undefined), { cpu: "", defaultCpu: "" });
  });
});
