import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";

const lab = new TestLab();
let project: PulumiProject;
before(async () => { await lab.start({}); });
after(async () => {
  await project.remove();
  await lab.stop();
});

it("a create that failed over a taken name is finished by `adopt: true`, and destroy releases what it took over", async () => {
  const ash = lab.host("ash");
  const name = lab.name("taken");
  const file = `/var/lib/libvirt/images/${name}.img`;
  const program = (more: string): string => `import { Host, StoragePool, VirtualMachine } from "drover";
const host = new Host("ash", { uri: ${JSON.stringify(ash.host.uri)} });
const pool = new StoragePool("${lab.name("pool")}", { hosts: [host], path: "/var/lib/libvirt/images/${lab.name("pool")}" });
new VirtualMachine("${name}", { host, memory: "96 MiB", running: false, disks: { root: { pool, size: "8 MiB", format: "raw" } }, ${more} });
`;
  await ash.check(["truncate", "-s", "8M", file]);
  await ash.virsh(["define", "/dev/stdin"], `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>
    <devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${file}'/><target dev='hda' bus='ide'/></disk></devices></domain>`);
  const uuid = (await ash.virsh(["domuuid", name])).trim();
  const before = await ash.virsh(["dumpxml", name]);
  try {
    project = await PulumiProject.create({ program: program(""), environment: { ...lab.lab.env } });
    const refused = await project.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /there is a domain of that name that Drover did not make[^]*adopt: true/);
    assert.equal(await ash.virsh(["dumpxml", name]), before, "it was not touched");
    assert.equal((await project.state()).filter(({ type }) => type.endsWith(":VirtualMachine")).length, 0);

    await project.write(program("adopt: true"));
    const preview = await project.preview();
    assert.equal(preview.code, 0, preview.output);
    assert.match(JSON.stringify(preview.changes.find(({ kind }) => kind === "VirtualMachine")?.inputs["changes"]), /memory: 64 MiB → 96 MiB/);
    const adopted = await project.up();
    assert.equal(adopted.code, 0, adopted.output);
    assert.equal((await ash.virsh(["domuuid", name])).trim(), uuid);
    const xml = await ash.virsh(["dumpxml", name]);
    assert.ok(xml.includes("urn:drover") && xml.includes(file) && xml.includes("98304"), xml);
    assert.deepEqual((await project.preview()).changes, []);

    const gone = await project.destroy();
    assert.equal(gone.code, 0, gone.output);
    const released = await ash.virsh(["dumpxml", name]);
    assert.ok(released.includes(uuid) && released.includes(file) && !released.includes("urn:drover"), released);
    await ash.check(["test", "-s", file]);
  } finally {
    await ash.exec(["virsh", "undefine", name]);
    await ash.check(["rm", "-f", file]);
  }
});
