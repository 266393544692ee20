import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kind, type Resource } from "../support/kinds.js";
import { useSite } from "../support/site.js";

const site = useSite({ on: ["ash", "birch"] });
const vms = kind("VirtualMachine");

/** A VM without an operating system: its firmware runs for ever, and deaf to ACPI. */
const declared = () => ({
  host: site.host(), memory: "64 MiB", disks: { data: { pool: site.pool, size: "8 MiB" } }, nics: { lan: { bridge: "br0" } },
  shutdown: { timeoutSeconds: 1, onTimeout: "power-off" },
});

async function refreshed(vm: Resource): Promise<Resource> {
  const found = await vms.refresh(vm);
  assert.ok(found !== undefined, "it is known to be gone");
  return found;
}

describe("a VM that somebody changed by hand", () => {
  it("is quiet as long as nobody did: what libvirt fills in is no drift", async () => {
    const name = site.lab.name("quiet");
    const vm = await vms.create(name, declared());
    const again = await refreshed(vm);
    assert.deepEqual(again.inputs, vm.inputs);
    assert.deepEqual(again.outputs, vm.outputs);
    assert.equal((await vms.preview(again, declared())).changes, false);
    await vms.delete(vm);
  });

  it("shows what was stopped, what grew and what was pulled out, and puts it right", async () => {
    const name = site.lab.name("drift");
    const ash = site.lab.host("ash");
    let vm = await vms.create(name, declared());
    await ash.virsh(["destroy", name]);
    await ash.virsh(["setmaxmem", name, "96M", "--config"]).catch(() => "");
    await ash.virsh(["setmem", name, "48M", "--config"]);
    const [mac] = Object.values(vm.outputs["macs"] as Record<string, string>);
    await ash.virsh(["detach-interface", name, "bridge", "--mac", mac ?? "", "--config"]);

    const drifted = await refreshed(vm);
    assert.equal(drifted.inputs["running"], false);
    assert.equal(drifted.inputs["memory"], "48 MiB");
    assert.deepEqual(drifted.inputs["nics"], {});
    const preview = await vms.preview(drifted, declared());
    assert.deepEqual([preview.changes, preview.replaces], [true, []]);
    vm = await vms.up(drifted, declared());
    assert.match(await ash.virsh(["domstate", name]), /running/);
    assert.match(await ash.virsh(["dumpxml", name]), new RegExp(mac ?? ""));
    assert.deepEqual((await refreshed(vm)).inputs, vm.inputs);
    await vms.delete(vm);
  });

  it("is gone only when no host has it, and is made again over its own disk", async () => {
    const name = site.lab.name("undefined");
    const ash = site.lab.host("ash");
    const vm = await vms.create(name, { ...declared(), running: false });
    const volume = (vm.outputs["volumes"] as Record<string, string>)["data"] ?? "";
    const file = `${site.pool.path}/${volume}`;
    const before = await ash.check(["stat", "-c", "%i %Y", file]);
    await ash.virsh(["undefine", name]);
    assert.equal(await vms.refresh(vm), undefined);
    const again = await vms.create(name, { ...declared(), running: false });
    assert.equal(again.id, vm.id);
    assert.equal(await ash.check(["stat", "-c", "%i %Y", file]), before);
    await vms.delete(again);
  });

  it("whose disk is gone gets no empty one in its place until it is told to", async () => {
    const name = site.lab.name("lost");
    const ash = site.lab.host("ash");
    const stopped = { ...declared(), running: false };
    const vm = await vms.create(name, stopped);
    const volume = (vm.outputs["volumes"] as Record<string, string>)["data"] ?? "";
    await ash.check(["rm", `${site.pool.path}/${volume}`]);
    const lost = await refreshed(vm);
    assert.deepEqual(lost.inputs["disks"], {});
    await assert.rejects(vms.up(lost, stopped), /it has held data and is not there any more[^]*recreate: true/);
    assert.ok(!(await ash.check(["ls", site.pool.path])).split("\n").includes(volume));
    const made = await vms.up(lost, { ...stopped, disks: { data: { pool: site.pool, size: "8 MiB", recreate: true } } });
    assert.ok((await ash.check(["ls", site.pool.path])).split("\n").includes(volume));
    await vms.delete(made);
  });
});

describe("a VM that somebody moved by hand", () => {
  it("is found where it is, is changed there, and never started a second time", async () => {
    const name = site.lab.name("moved");
    const [ash, birch] = [site.lab.host("ash"), site.lab.host("birch")];
    const vm = await vms.create(name, { ...declared(), running: false });
    await birch.virsh(["define", "/dev/stdin"], await ash.virsh(["dumpxml", "--inactive", name]));
    await birch.virsh(["start", name]);
    // The definition that the old place still has is a leftover: the next update removes it.
    const moved = await refreshed(vm);
    assert.equal(moved.outputs["runsOn"], "birch");
    assert.deepEqual(moved.inputs["host"], vm.inputs["host"]);
    const changed = await vms.up(moved, { ...declared(), title: "moved" });
    assert.equal(changed.outputs["runsOn"], "birch");
    assert.match(await birch.virsh(["dumpxml", name]), /<title>moved/);
    assert.ok(!(await ash.virsh(["list", "--all", "--name"])).split("\n").includes(name));
    await vms.delete(changed);
    assert.ok(!(await birch.virsh(["list", "--all", "--name"])).split("\n").includes(name));
  });

  it("is an error that touches nothing when it runs on two hosts at once", async () => {
    const name = site.lab.name("twice");
    const [ash, birch] = [site.lab.host("ash"), site.lab.host("birch")];
    const inputs = { host: site.host(), memory: "64 MiB", nics: {}, shutdown: { timeoutSeconds: 1, onTimeout: "power-off" } };
    const vm = await vms.create(name, inputs);
    await birch.virsh(["create", "/dev/stdin"], (await ash.virsh(["dumpxml", "--inactive", name])));
    try {
      // Without a shared pool nothing says that it could be on birch; the declaration that names both does.
      const elsewhere = { ...vm, inputs: { ...vm.inputs, disks: { data: { pool: site.pool, size: "8 MiB" } } }, outputs: { ...vm.outputs, disks: { data: { pool: site.pool, size: "8 MiB", format: "qcow2" } } } };
      await assert.rejects(vms.refresh(elsewhere), /runs on (ash and birch|birch and ash) at once/);
      assert.match(await ash.virsh(["domstate", name]), /running/);
      assert.match(await birch.virsh(["domstate", name]), /running/);
    } finally {
      await birch.virsh(["destroy", name]);
    }
    await vms.delete(vm);
  });

  it("goes to another host by `host:` only when it is stopped", async () => {
    const name = site.lab.name("rehost");
    const [ash, birch] = [site.lab.host("ash"), site.lab.host("birch")];
    let vm = await vms.create(name, declared());
    const elsewhere = { ...declared(), host: site.host("birch") };
    const preview = await vms.preview(vm, elsewhere);
    assert.deepEqual([preview.changes, preview.replaces], [true, []]);
    await assert.rejects(vms.up(vm, elsewhere), /it runs[^]*running: false/);
    assert.match(await ash.virsh(["domstate", name]), /running/);
    vm = await vms.up(vm, { ...declared(), running: false });
    vm = await vms.up(vm, { ...elsewhere, running: false });
    assert.equal(vm.outputs["runsOn"], "birch");
    assert.ok((await birch.virsh(["list", "--all", "--name"])).split("\n").includes(name));
    assert.ok(!(await ash.virsh(["list", "--all", "--name"])).split("\n").includes(name));
    vm = await vms.up(vm, elsewhere);
    assert.match(await birch.virsh(["domstate", name]), /running/);
    await vms.delete(vm);
  });
});
