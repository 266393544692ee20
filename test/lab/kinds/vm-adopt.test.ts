import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kind } from "../support/kinds.js";
import { useSite } from "../support/site.js";

const site = useSite();
const vms = kind("VirtualMachine");

describe("a domain that somebody else made", () => {
  it("is a clear error, is adopted with its own disk and MAC when told to, shows what differs before, and is released", async () => {
    const name = site.lab.name("theirs");
    const host = site.lab.host("ash");
    const file = `${site.pool.path}/${name}.img`;
    await host.check(["truncate", "-s", "8M", file]);
    await host.virsh(["define", "/dev/stdin"], `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
      <devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${file}'/><target dev='hda' bus='ide'/></disk>
      <interface type='bridge'><mac address='52:54:00:0a:0b:0c'/><source bridge='br0'/><model type='e1000'/></interface><graphics type='vnc'/></devices></domain>`);
    try {
      const inputs = { host: site.host(), memory: "96 MiB", running: false, disks: { root: { pool: site.pool, size: "8 MiB", format: "raw" } }, nics: { lan: { bridge: "br0" } } };
      await assert.rejects(vms.create(name, inputs), /that Drover did not make[^]*adopt: true/);
      assert.ok(!(await host.virsh(["dumpxml", name])).includes("urn:drover"));

      const checked = await vms.check(name, { ...inputs, adopt: true });
      assert.deepEqual(checked["changes"], [{ property: "memory: 64 MiB → 96 MiB", when: "live" }]);
      const more = await vms.check(name, { ...inputs, adopt: true, memory: "64 MiB", autostart: true, title: "ours",
        disks: { root: { pool: site.pool, size: "16 MiB" }, data: { pool: site.pool, size: "4 MiB" } },
        nics: { extra: { bridge: "br0", mac: "52:54:00:0A:0B:0D" }, lan: { bridge: "br0" } } });
      assert.deepEqual((more["changes"] as { readonly property: string }[]).map(({ property }) => property), [
        "autostart: false → true", "title: none → ours",
        `disks.root.size: 16 MiB → 8 MiB stays as it is (${file} is adopted)`, `disks.root.format: qcow2 → raw stays as it is (${file} is adopted)`, "disks.data: none → 4 MiB",
        "nics.extra.mac: 52:54:00:0a:0b:0c → 52:54:00:0a:0b:0d", "nics.lan: none → bridge br0",
      ]);

      const adopted = await vms.create(name, { ...inputs, adopt: true });
      const xml = await host.virsh(["dumpxml", name]);
      assert.ok(xml.includes("urn:drover") && xml.includes(file) && xml.includes("52:54:00:0a:0b:0c") && xml.includes("bus='ide'") && xml.includes("type='vnc'"), xml);
      assert.match(xml, /<currentMemory unit='KiB'>98304</);
      assert.equal(adopted.outputs["macs"] instanceof Object && (adopted.outputs["macs"] as Record<string, string>)["lan"], "52:54:00:0a:0b:0c");
      assert.equal((await vms.preview(adopted, { ...inputs, adopt: true })).changes, false);

      await vms.delete(adopted);
      const released = await host.virsh(["dumpxml", name]);
      assert.ok(!released.includes("urn:drover") && released.includes(file));
      await host.check(["test", "-s", file]);
    } finally {
      await host.virsh(["undefine", name]);
      await host.check(["rm", "-f", file]);
    }
  });
});
