import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { retry } from "../../../provider/base/retry.js";
import { closeHosts } from "../../../provider/inventory/hosts.js";
import type { Properties } from "../../../provider/engine/wire.js";
import type { HostRef } from "../../../provider/schema/index.js";
import { CheckFailed, HalfDone, kind, told, type Resource } from "../support/kinds.js";
import { TestLab } from "../support/lab.js";
import { ProviderProcess, resource } from "../../support/provider-process.js";

const networks = kind("HostNetwork");
const lab = new TestLab();
let host: HostRef;

before(async () => {
  await lab.start({});
  Object.assign(process.env, lab.lab.env);
  host = await hostOf("birch");
});
after(async () => {
  await closeHosts();
  await lab.stop();
});

async function hostOf(name: string): Promise<HostRef> {
  const { outputs } = await kind("Host").create(name, { uri: lab.host(name).host.uri });
  return { name, uri: String(outputs["uri"]), owner: String(outputs["owner"]) };
}

function virsh(words: readonly string[], input?: string): Promise<string> {
  return lab.host("birch").virsh(words, input);
}

/** The least that a program says of a network. */
function isolated(network: string, address: string) {
  return { host, owner: host.owner, network, forward: "isolated", address };
}

function served(network: string) {
  return {
    ...isolated(network, "192.168.77.1/24"),
    dhcp: { ranges: { guests: { start: "192.168.77.100", end: "192.168.77.200" } }, hosts: { web: { mac: "52:54:00:77:00:01", ip: "192.168.77.10" } } },
    dns: { domain: "example.test", hosts: { db: "192.168.77.5" } },
  };
}

/** Runs something beside a guest that is plugged into a network and does nothing. */
async function withGuest(guest: string, network: string, run: () => Promise<void>): Promise<void> {
  await virsh(["create", "/dev/stdin"], `<domain type='qemu'><name>${guest}</name><memory unit='MiB'>32</memory><os><type arch='x86_64'>hvm</type></os><devices><interface type='network'><source network='${network}'/></interface></devices></domain>`);
  try {
    await run();
  } finally {
    await virsh(["destroy", guest]);
  }
}

/** A create or update in a process of Pulumi's that is killed a moment after it was asked. */
async function killed(delayMs: number, name: string, run: (process: ProviderProcess, inputs: Properties) => Promise<unknown>, news: object): Promise<void> {
  const process = await ProviderProcess.start();
  try {
    const { inputs } = await process.check({}, resource("HostNetwork", name, news));
    // Its connection is there before, so that the kill meets the work itself.
    await process.read("00000000-0000-4000-8000-000000000000", inputs);
    const running = run(process, inputs).then(() => undefined, (error: unknown) => error);
    await systemClock.sleep(delayMs);
    await process.kill();
    await running;
  } finally {
    await process.stop();
  }
}

/** What the network's own DNS server answers. */
function resolved(name: string): Promise<string> {
  return lab.host("birch").check(["busybox", "nslookup", "-type=a", name, "192.168.77.1"]);
}

async function removeForeign(name: string): Promise<void> {
  await lab.host("birch").exec(["virsh", "net-destroy", name]);
  await virsh(["net-undefine", name]);
}

async function names(): Promise<readonly string[]> {
  return (await virsh(["net-list", "--all", "--name"])).split("\n").map((line) => line.trim());
}

async function refreshed(network: Resource): Promise<Resource> {
  const seen = await networks.refresh(network);
  assert.ok(seen !== undefined, `${network.name} is there`);
  return seen;
}

describe("a network on a host", () => {
  it("is made, is quiet, changes DHCP and DNS live, and goes", async () => {
    const name = lab.name("live");
    const inputs = served(name);
    let network = await networks.create(name, inputs);
    assert.equal(network.outputs["active"], true);
    assert.match(String(network.outputs["bridgeName"]), /^virbr/);
    assert.match(await virsh(["net-info", name]), /Autostart:\s+yes/);
    assert.equal((await networks.preview(network, inputs)).changes, false);
    assert.deepEqual((await refreshed(network)).inputs, network.inputs);

    const grown = { ...inputs, dhcp: { ranges: { guests: { start: "192.168.77.50", end: "192.168.77.90" } }, hosts: { ...inputs.dhcp.hosts, mail: { mac: "52:54:00:77:00:02", ip: "192.168.77.11" } } },
      dns: { ...inputs.dns, hosts: { cache: "192.168.77.6" } } };
    assert.deepEqual((await networks.preview(network, grown)).inputs["changes"], [{ property: "dhcp", when: "live" }, { property: "dns.hosts", when: "live" }]);
    const guest = lab.name("witness");
    await withGuest(guest, name, async () => {
      network = await networks.up(network, grown);
      assert.deepEqual(network.outputs["pending"], []);
      for (const document of [await virsh(["net-dumpxml", name]), await virsh(["net-dumpxml", "--inactive", name])]) {
        assert.match(document, /192\.168\.77\.11'/);
        assert.match(document, /start='192\.168\.77\.50'/);
        assert.doesNotMatch(document, /192\.168\.77\.5'|192\.168\.77\.100/);
      }
      assert.match(await lab.host("birch").check(["cat", `/var/lib/libvirt/dnsmasq/${name}.hostsfile`]), /52:54:00:77:00:02,192\.168\.77\.11,mail/);
      // dnsmasq reads its files again when it is told to, a moment later.
      assert.match(await retry(() => resolved("cache.example.test"), { when: () => true }), /192\.168\.77\.6/);
      await assert.rejects(resolved("db.example.test"));
      assert.match(await virsh(["domiflist", guest]), new RegExp(name), "the guest is still plugged in");
    });
    network = await networks.up(network, { ...grown, autostart: false, dhcp: undefined, dns: { domain: "example.test" } });
    assert.match(await virsh(["net-info", name]), /Autostart:\s+no/);
    assert.doesNotMatch(await virsh(["net-dumpxml", name]), /<range|<host/);
    assert.equal((await refreshed(network)).inputs["autostart"], false);

    await networks.delete(network);
    assert.ok(!(await names()).includes(name));
    await networks.delete(network);
    assert.equal(await networks.refresh(network), undefined);
  });

  it("shows what hands changed of its definition, of the running network alone, or of its state, and puts it right", async () => {
    const name = lab.name("drift");
    const inputs = served(name);
    let network = await networks.create(name, inputs);
    for (const where of [["--live", "--config"], ["--live"], ["--config"]]) {
      await virsh(["net-update", name, "delete", "ip-dhcp-host", "<host mac='52:54:00:77:00:01'/>", ...where]);
      const drifted = await refreshed(network);
      assert.deepEqual(drifted.inputs["dhcp"], { ...inputs.dhcp, hosts: {} }, where.join(" "));
      network = await networks.up(drifted, inputs);
      assert.match(await virsh(["net-dumpxml", name]), /192\.168\.77\.10'/);
      assert.deepEqual((await refreshed(network)).inputs["dhcp"], inputs.dhcp);
    }
    await virsh(["net-update", name, "add", "dns-host", "<host ip='192.168.77.9'><hostname>odd</hostname></host>", "--live"]);
    await virsh(["net-autostart", name, "--disable"]);
    const drifted = await refreshed(network);
    assert.deepEqual(drifted.inputs["dns"], { domain: "example.test", hosts: { db: "192.168.77.5", odd: "192.168.77.9" } });
    assert.equal(drifted.inputs["autostart"], false);
    network = await networks.up(drifted, inputs);
    assert.doesNotMatch(await virsh(["net-dumpxml", name]), /odd/);
    assert.match(await virsh(["net-info", name]), /Autostart:\s+yes/);

    await virsh(["net-destroy", name]);
    const stopped = await refreshed(network);
    assert.equal(stopped.outputs["active"], false);
    network = await networks.up(stopped, inputs);
    assert.equal(network.outputs["active"], true);
    await networks.delete(network);
  });

  it("finishes one that was defined and not started, and makes no second one", async () => {
    const name = lab.name("half");
    const inputs = isolated(name, "192.168.78.1/24");
    const network = await networks.create(name, inputs);
    await virsh(["net-destroy", name]);
    await virsh(["net-autostart", name, "--disable"]);
    const again = await networks.create(name, inputs);
    assert.equal(again.id, network.id);
    assert.equal(again.outputs["active"], true);
    assert.match(await virsh(["net-info", name]), /Autostart:\s+yes/);
    await assert.rejects(networks.create(name, { ...inputs, name: lab.name("half2") }), /the program made network \S+ under this name before/);
    await virsh(["net-destroy", name]);
    const other = await networks.create(name, { ...inputs, name: lab.name("half2") });
    assert.equal(other.id, network.id, "begun under another name, it is begun again");
    assert.ok(!(await names()).includes(name));
    await networks.delete(other);
  });

  it("comes to one and the same however soon Pulumi's provider process dies in its create or update", async () => {
    const name = lab.name("killed");
    const [small, grown] = [isolated(name, "192.168.89.1/24"), served(name)];
    const seen = new Set<string>();
    for (const delayMs of [30, 120]) {
      await killed(delayMs, name, (process, inputs) => process.create(inputs), small);
      const isThere = (await names()).includes(name);
      seen.add(isThere ? "there" : "not there");
      const network = await networks.create(name, small);
      assert.equal(network.outputs["active"], true);
      assert.equal((await networks.preview(await refreshed(network), small)).changes, false);
      await killed(delayMs, name, (process, inputs) => process.update(network.id, network.outputs, inputs), grown);
      const finished = await networks.up(network, grown);
      assert.deepEqual((await refreshed(finished)).inputs, finished.inputs);
      assert.match(await virsh(["net-dumpxml", name]), /192\.168\.77\.10'/);
      assert.equal((await names()).filter((each) => each.startsWith(name)).length, 1);
      await networks.delete(finished);
    }
    assert.ok(seen.has("there"), "no create got as far as libvirt");
  });

  it("leaves somebody else's network alone, adopts it when told to, says what that changes, and releases it", async () => {
    const name = lab.name("foreign");
    await virsh(["net-define", "/dev/stdin"], `<network><name>${name}</name><ip address='192.168.79.1' prefix='24'/></network>`);
    try {
      const inputs = { ...isolated(name, "192.168.79.1/24"), dhcp: { hosts: { a: { mac: "52:54:00:79:00:01", ip: "192.168.79.2" } } } };
      await assert.rejects(networks.create(name, inputs), /on birch: there is a network of that name already that this resource did not make .*\n.*adopt: true/);
      const checked = await networks.check(name, { ...inputs, adopt: true });
      assert.deepEqual(checked["changes"], [{ property: "active: false → true", when: "live" },
        { property: "dhcp: {\"hosts\":{}} → {\"hosts\":{\"a\":{\"mac\":\"52:54:00:79:00:01\",\"ip\":\"192.168.79.2\"}}}", when: "live" }]);
      let adopted = await networks.create(name, { ...inputs, adopt: true });
      assert.equal(adopted.outputs["active"], true);
      assert.match(await virsh(["net-dumpxml", name]), /192\.168\.79\.2'/);
      assert.deepEqual((await refreshed(adopted)).inputs["dhcp"], inputs.dhcp);
      adopted = await networks.up(adopted, inputs);
      await networks.delete(adopted);
      assert.match(await virsh(["net-info", name]), /Active:\s+yes/, "released, whatever adopt says later");
    } finally {
      await removeForeign(name);
    }
    const own = await networks.create(name, { ...isolated(name, "192.168.79.1/24"), adopt: true });
    await networks.delete(own);
    assert.ok(!(await names()).includes(name), "what nobody else made is ours");
  });

  it("is not restarted nor deleted under a running guest: the change waits, and is made when the guest has left", async () => {
    const name = lab.name("guests");
    const guest = lab.name("plugged");
    const ranges = (net: string) => ({ ranges: { guests: { start: `192.168.${net}.10`, end: `192.168.${net}.20` } } });
    const inputs = { ...isolated(name, "192.168.80.1/24"), dhcp: ranges("80") };
    const moved = { ...inputs, address: "192.168.81.1/24", mtu: 1400, dhcp: ranges("81") };
    let network = await networks.create(name, inputs);
    await withGuest(guest, name, async () => {
      assert.deepEqual((await networks.preview(network, moved)).inputs["changes"], ["dhcp", "address", "mtu"].map((property) => ({ property, when: "restart" })));
      const words = await told(async () => { network = await networks.up(network, moved); });
      assert.match(words, new RegExp(`not restarted, for guests are plugged into it: ${guest}; these changes wait: address, mtu, dhcp`));
      assert.deepEqual(network.outputs["pending"], ["address", "mtu", "dhcp"]);
      assert.match(await virsh(["net-dumpxml", name]), /192\.168\.80\.1'[\s\S]*192\.168\.80\.10/);
      const seen = await refreshed(network);
      assert.deepEqual(seen.outputs["pending"], ["address", "mtu", "dhcp"]);
      assert.equal((await networks.preview(seen, moved)).changes, false, "what waits is no drift");
      await assert.rejects(networks.delete(network), new RegExp(`delete network ${name} on birch: these guests are plugged into it: ${guest}\n`));
    });
    const free = await refreshed(network);
    assert.equal(free.inputs["address"], "192.168.80.1/24");
    network = await networks.up(free, moved);
    assert.deepEqual(network.outputs["pending"], []);
    assert.match(await virsh(["net-dumpxml", name]), /192\.168\.81\.1'[\s\S]*192\.168\.81\.10/);
    await networks.delete(network);
  });

  it("says that the bridge is another network's, or that the host has none of that name", async () => {
    const bridge = "drv-taken";
    const [first, second, plain] = [lab.name("bridge1"), lab.name("bridge2"), lab.name("plain")];
    const holder = await networks.create(first, { ...isolated(first, "192.168.82.1/24"), bridge });
    await assert.rejects(networks.create(second, { ...isolated(second, "192.168.83.1/24"), bridge }), new RegExp(`${second} \\(property bridge\\) on birch: .*${bridge}.*\\n.*next: give another bridge`));
    assert.ok(!(await names()).includes(second));
    await networks.delete(holder);
    const bridged = { host, owner: host.owner, network: plain, forward: "bridge" };
    await assert.rejects(networks.create(plain, { ...bridged, bridge: "br99" }), /plain \(property bridge\) on birch: the host has no bridge br99\n.*next: make the bridge br99 on birch/);
    assert.ok(!(await names()).includes(plain));
    let network = await networks.create(plain, { ...bridged, bridge: "br0" });
    assert.equal(network.outputs["bridgeName"], "br0");
    assert.deepEqual((await refreshed(network)).inputs, network.inputs);
    network = await networks.up(network, isolated(plain, "192.168.84.1/24"));
    assert.match(String(network.outputs["bridgeName"]), /^virbr/);
    network = await networks.up(network, { ...bridged, bridge: "br0" });
    assert.equal(network.outputs["bridgeName"], "br0");
    assert.deepEqual((await refreshed(network)).inputs, network.inputs);
    await networks.delete(network);
  });

  it("keeps what could not be started, with libvirt's reason, for the next run", async () => {
    const [first, second] = [lab.name("net1"), lab.name("net2")];
    const holder = await networks.create(first, isolated(first, "192.168.85.1/24"));
    const failed = await networks.create(second, isolated(second, "192.168.85.1/24")).then(() => undefined, (error: unknown) => error);
    assert.ok(failed instanceof HalfDone, String(failed));
    assert.match(failed.message, /net2 \(property address\) on birch: .*in use by interface/);
    await networks.delete(holder);
    const finished = await networks.up(failed.resource, isolated(second, "192.168.85.1/24"));
    assert.equal(finished.outputs["active"], true);
    await networks.delete(finished);
  });

  it("is one on all of its hosts, each part on its own; one of the same name under another parent is another", async () => {
    const name = lab.name("many");
    const cedar = await hostOf("cedar");
    const inputs = isolated(name, "192.168.86.1/24");
    const [onBirch, onCedar] = [await networks.create(`${name}-birch`, inputs), await networks.create(`${name}-cedar`, { ...inputs, host: cedar })];
    assert.equal(onBirch.id, onCedar.id);
    await networks.delete(onCedar);
    assert.equal((await refreshed(onBirch)).outputs["active"], true);
    assert.equal(await networks.refresh(onCedar), undefined);
    const elsewhere = `my:index:Site$drover:index:Network$pulumi-nodejs:dynamic/drover:HostNetwork::${name}-birch`;
    await assert.rejects(networks.create(`${name}-birch`, inputs, elsewhere), /that this resource did not make/);
    const other = await networks.create(`${name}-birch`, { ...isolated(name, "192.168.87.1/24"), name: `${name}2` }, elsewhere);
    assert.notEqual(other.id, onBirch.id);
    await networks.delete(other);
    assert.equal((await refreshed(onBirch)).outputs["active"], true);
    await networks.delete(onBirch);
  });

  it("is not given up when its host does not answer", async () => {
    const name = lab.name("silent");
    const inputs = isolated(name, "192.168.88.1/24");
    const network = await networks.create(name, inputs);
    const dead = { ...host, uri: "qemu+tcp://127.0.0.1:9/system" };
    const lost: Resource = { ...network, outputs: { ...network.outputs, host: dead } };
    await assert.rejects(networks.refresh(lost), /birch.*ECONNREFUSED/);
    await assert.rejects(networks.delete(lost), /birch.*ECONNREFUSED/);
    await networks.delete(network);
  });

  it("refuses wrong inputs before anything is touched, all at once", async () => {
    await assert.rejects(networks.check("bad", { host, owner: host.owner, network: "bad", forward: "bridge", address: "192.168.1.1", dns: {} }),
      (error: Error) => error instanceof CheckFailed && /is missing: forward "bridge"/.test(error.message) && error.message.match(/is not for forward "bridge"/g)?.length === 2);
    await assert.rejects(networks.check("bad", { host, owner: host.owner, network: "bad", adress: "x" }), /did you mean "address"/);
  });
});
