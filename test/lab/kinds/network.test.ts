import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { closeHosts } from "../../../provider/inventory/hosts.js";
import type { HostRef } from "../../../provider/schema/index.js";
import { CheckFailed, kind, type Resource } from "../support/kinds.js";
import { TestLab } from "../support/lab.js";

const networks = kind("HostNetwork");
const lab = new TestLab();
let host: HostRef;

before(async () => {
  await lab.start({});
  Object.assign(process.env, lab.lab.env);
  const made = await kind("Host").create("birch", { uri: lab.host("birch").host.uri });
  host = { name: "birch", uri: String(made.outputs["uri"]), owner: String(made.outputs["owner"]) };
});
after(async () => {
  await closeHosts();
  await lab.stop();
});

const nat = (name: string) => ({
  host, owner: host.owner, network: name, forward: "isolated", address: "192.168.77.1/24",
  dhcp: { ranges: { guests: { start: "192.168.77.100", end: "192.168.77.200" } }, hosts: { web: { mac: "52:54:00:77:00:01", ip: "192.168.77.10" } } },
  dns: { domain: "example.test", hosts: { db: "192.168.77.5" } },
});

describe("a network on a host", () => {
  it("is made, is quiet, changes DHCP and DNS live, shows drift, and goes", async () => {
    const name = lab.name("live");
    const inputs = nat(name);
    let network = await networks.create(name, inputs);
    assert.equal(network.outputs["active"], true);
    assert.equal((await networks.preview(network, inputs)).changes, false);
    assert.deepEqual((await networks.refresh(network))?.inputs, network.inputs);

    const started = (await lab.host("birch").virsh(["net-dumpxml", name])).includes("virbr");
    const grown = { ...inputs, dhcp: { ...inputs.dhcp, hosts: { ...inputs.dhcp.hosts, mail: { mac: "52:54:00:77:00:02", ip: "192.168.77.11" } } }, dns: { ...inputs.dns, hosts: { cache: "192.168.77.6" } } };
    const preview = await networks.preview(network, grown);
    assert.deepEqual(preview.inputs["changes"], [{ property: "dhcp", when: "live" }, { property: "dns", when: "live" }]);
    network = await networks.up(network, grown);
    const live = await lab.host("birch").virsh(["net-dumpxml", name]);
    assert.ok(started && live.includes("192.168.77.11") && live.includes("192.168.77.6") && !live.includes("192.168.77.5'"), live);
    assert.match(await lab.host("birch").virsh(["net-dumpxml", "--inactive", name]), /192\.168\.77\.11/);

    await lab.host("birch").virsh(["net-update", name, "delete", "ip-dhcp-host", "<host mac='52:54:00:77:00:02'/>", "--live", "--config"]);
    const drifted = await networks.refresh(network);
    assert.ok(drifted !== undefined && !JSON.stringify(drifted.inputs).includes("192.168.77.11"));
    network = await networks.up(drifted, grown);
    assert.match(await lab.host("birch").virsh(["net-dumpxml", name]), /192\.168\.77\.11/);

    await lab.host("birch").virsh(["net-destroy", name]);
    const stopped = await networks.refresh(network);
    assert.equal(stopped?.outputs["active"], false);
    network = await networks.up(stopped, grown);
    assert.equal(network.outputs["active"], true);

    await networks.delete(network);
    assert.ok(!(await lab.host("birch").virsh(["net-list", "--all", "--name"])).includes(name));
    await networks.delete(network);
    assert.equal(await networks.refresh(network), undefined);
  });

  it("finishes one that was defined and not started, and makes no second one", async () => {
    const name = lab.name("half");
    const network = await networks.create(name, { ...nat(name), address: "192.168.78.1/24", dhcp: undefined, dns: undefined });
    await lab.host("birch").virsh(["net-destroy", name]);
    const again = await networks.create(name, { ...nat(name), address: "192.168.78.1/24", dhcp: undefined, dns: undefined });
    assert.equal(again.id, network.id);
    assert.equal(again.outputs["active"], true);
    await networks.delete(again);
  });

  it("leaves somebody else's network alone, adopts it when told to, and releases it", async () => {
    const name = lab.name("foreign");
    await lab.host("birch").virsh(["net-define", "/dev/stdin"], `<network><name>${name}</name><ip address='192.168.79.1' prefix='24'/></network>`);
    try {
      const inputs = { host, owner: host.owner, network: name, forward: "isolated", address: "192.168.79.1/24" };
      await assert.rejects(networks.create(name, inputs), /that Drover did not make .*\n.*adopt: true/);
      const adopted = await networks.create(name, { ...inputs, adopt: true });
      assert.equal(adopted.outputs["active"], true);
      await networks.delete(adopted);
      assert.match(await lab.host("birch").virsh(["net-list", "--all", "--name"]), new RegExp(name));
    } finally {
      await lab.host("birch").virsh(["net-destroy", name]);
      await lab.host("birch").virsh(["net-undefine", name]);
    }
  });

  it("is not restarted nor deleted under a running guest: the change is pending", async () => {
    const name = lab.name("guests");
    const guest = lab.name("plugged");
    const inputs = { host, owner: host.owner, network: name, forward: "isolated", address: "192.168.80.1/24" };
    let network: Resource = await networks.create(name, inputs);
    await lab.host("birch").virsh(["create", "/dev/stdin"], `<domain type='qemu'><name>${guest}</name><memory unit='MiB'>32</memory><os><type arch='x86_64'>hvm</type></os><devices><interface type='network'><source network='${name}'/></interface></devices></domain>`);
    try {
      network = await networks.up(network, { ...inputs, address: "192.168.81.1/24" });
      assert.deepEqual(network.outputs["pending"], ["address"]);
      assert.match(await lab.host("birch").virsh(["net-dumpxml", name]), /192\.168\.80\.1/);
      await assert.rejects(networks.delete(network), new RegExp(`these guests are plugged into it: ${guest}`));
    } finally {
      await lab.host("birch").virsh(["destroy", guest]);
    }
    await networks.delete(network);
  });

  it("refuses wrong inputs before anything is touched, all at once", async () => {
    await assert.rejects(networks.check("bad", { host, owner: host.owner, network: "bad", forward: "bridge", address: "192.168.1.1", dns: {} }),
      (error: Error) => error instanceof CheckFailed && /bridge: is missing/.test(error.message) && /address: is not for/.test(error.message) && /dns: is not for/.test(error.message));
    await assert.rejects(networks.check("bad", { host, owner: host.owner, network: "bad", adress: "x" }), /did you mean "address"/);
  });
});
