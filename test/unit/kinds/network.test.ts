import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { silentLog } from "../../../provider/base/log.js";
import { UNKNOWN, type Context } from "../../../provider/engine/handler.js";
import { handler } from "../../../provider/kinds/host-network.js";
import { Host, Network } from "../../../provider/kinds/index.js";
import { adoptionChanges, managed, observed } from "../../../provider/kinds/network/document.js";
import type { HostNetworkInputs } from "../../../provider/schema/index.js";
import { NetworkDocument } from "../../../provider/xml/index.js";

const ctx: Context = { log: silentLog, signal: new AbortController().signal };
// Nothing listens there: a check that asked its host would fail.
const host = { name: "ash", uri: "qemu+tcp://127.0.0.1:9/system", owner: "8a4f1f0e-0000-4000-8000-000000000001" };
const lan: HostNetworkInputs = { host, owner: host.owner, network: "lan", name: "lan", forward: "nat", autostart: true, adopt: false, address: "192.168.50.1/24" };
const full: HostNetworkInputs = {
  ...lan,
  dhcp: { ranges: { guests: { start: "192.168.50.100", end: "192.168.50.200" } }, hosts: { web: { mac: "52:54:00:AA:00:01", ip: "192.168.50.10" } } },
  dns: { domain: "lan.test", hosts: { db: "10.0.0.5" } },
};

async function failuresOf(changes: object): Promise<Record<string, string>> {
  const { failures = [] } = await checked({ ...full, ...changes });
  return Object.fromEntries(failures.map(({ property, reason }) => [property, reason]));
}

async function checked(news: HostNetworkInputs, olds?: HostNetworkInputs) {
  assert.ok(handler.check !== undefined);
  return await handler.check(ctx, { olds, news, name: "lan-ash" });
}

async function changes(news: HostNetworkInputs): Promise<readonly string[]> {
  const { inputs } = await checked(news, full);
  return (inputs.changes ?? []).map(({ property, when }) => `${property} ${when}`);
}

describe("check of a network", () => {
  it("takes what is right, and what is not known yet", async () => {
    assert.deepEqual(await failuresOf({}), {});
    assert.deepEqual(await failuresOf({ address: "fd00::1/64", dhcp: { ranges: { all: { start: "fd00::10", end: "fd00::ffff" } } } }), {});
    assert.deepEqual(await failuresOf({ address: UNKNOWN }), {});
    for (const dhcp of [UNKNOWN, { hosts: UNKNOWN, ranges: UNKNOWN }, { hosts: { a: UNKNOWN, b: { mac: UNKNOWN, ip: UNKNOWN }, c: { mac: UNKNOWN, ip: UNKNOWN } }, ranges: { r: { start: UNKNOWN, end: "192.168.50.9" } } }]) {
      assert.deepEqual(await failuresOf({ dhcp }), {});
    }
    assert.deepEqual(await failuresOf({ dns: UNKNOWN }), {});
  });

  it("wants a bridge for forward bridge, and nothing that another router does", async () => {
    const failures = await failuresOf({ forward: "bridge" });
    assert.deepEqual(Object.keys(failures).sort(), ["address", "bridge", "dhcp", "dns"]);
    assert.match(failures["bridge"] ?? "", /is missing/);
    assert.deepEqual(await failuresOf({ forward: "bridge", bridge: "br0", address: undefined, dhcp: undefined, dns: undefined }), {});
  });

  it("wants an address with its prefix, and one at all for DHCP", async () => {
    for (const address of ["192.168.50.1", "192.168.50.1/33", "192.168.50.300/24", "fd00::1/129", "192.168.50.1/24/1", "x/24"]) {
      assert.match((await failuresOf({ address }))["address"] ?? "none", /expected an address with its prefix/, address);
    }
    assert.match((await failuresOf({ address: undefined }))["dhcp"] ?? "", /needs an address/);
  });

  it("wants ranges and fixed addresses inside the network, and a range that ends after it starts", async () => {
    assert.deepEqual(await failuresOf({ dhcp: {
      ranges: { low: { start: "192.168.49.9", end: "192.168.50.9" }, back: { start: "192.168.50.20", end: "192.168.50.19" }, odd: { start: "fd00::1", end: "y" }, one: { start: "192.168.50.7", end: "192.168.50.7" } },
      hosts: { far: { mac: "52:54:00:00:00:01", ip: "192.168.51.2" }, self: { mac: "52:54:00:00:00:02", ip: "192.168.50.1" } },
    } }), {
      "dhcp.ranges.low.start": "192.168.49.9 is not in the network of 192.168.50.1/24",
      "dhcp.ranges.back": "ends at 192.168.50.19, before it starts at 192.168.50.20",
      "dhcp.ranges.odd.start": "fd00::1 is not in the network of 192.168.50.1/24",
      "dhcp.ranges.odd.end": "expected an IP address, got y",
      "dhcp.hosts.far.ip": "192.168.51.2 is not in the network of 192.168.50.1/24",
      "dhcp.hosts.self.ip": "192.168.50.1 is the host's own address in the network",
    });
    assert.deepEqual(Object.keys(await failuresOf({ dns: { hosts: { db: "nowhere" } } })), ["dns.hosts.db"]);
    assert.match((await failuresOf({ address: "fd00::1/64", dhcp: { hosts: { a: { mac: "52:54:00:00:00:01", ip: "fd00::2" } } } }))["dhcp.hosts.a.ip"] ?? "", /IPv4 only/);
  });

  it("refuses one MAC or address for two, however it is written", async () => {
    assert.deepEqual(await failuresOf({ dhcp: { hosts: {
      a: { mac: "52:54:00:aa:00:01", ip: "192.168.50.10" }, b: { mac: "52:54:00:AA:00:01", ip: "192.168.50.11" }, c: { mac: "52:54:00:aa:00:03", ip: "192.168.50.10" },
    } } }), { "dhcp.hosts.b.mac": "a has the same MAC address", "dhcp.hosts.c.ip": "a has the same address" });
  });

  it("keeps name, place and owner of what is there", async () => {
    const renamed: HostNetworkInputs = { host, owner: "8a4f1f0e-0000-4000-8000-000000000002", network: "lan2", forward: "nat", autostart: true, adopt: false };
    const { inputs } = await checked(renamed, lan);
    assert.deepEqual([inputs.name, inputs.network, inputs.owner], ["lan", "lan", host.owner]);
    assert.equal((await checked({ ...renamed, name: "other" }, lan)).inputs.name, "other");
    assert.equal((await checked(renamed)).inputs.name, "lan2");
  });

  it("says what a change does and when", async () => {
    assert.deepEqual(await changes(full), []);
    assert.deepEqual(await changes({ ...full, dhcp: { hosts: full.dhcp?.hosts ?? {}, ranges: full.dhcp?.ranges ?? {} } }), [], "an order is no change");
    assert.deepEqual(await changes({ ...full, dhcp: {}, dns: { domain: "lan.test" }, autostart: false }), ["dhcp live", "dns.hosts live", "autostart live"]);
    assert.deepEqual(await changes({ ...full, forward: "isolated", bridge: "lan0", mtu: 1400, dns: { hosts: { db: "10.0.0.5" } } }), ["forward restart", "bridge restart", "mtu restart", "dns.domain restart"]);
    assert.deepEqual(await changes({ ...full, address: "192.168.51.1/24", dhcp: {} }), ["dhcp restart", "address restart"]);
  });
});

describe("a network on many hosts", () => {
  it("is one child for each, of one name and owner, and who plugs in waits for all", async () => {
    const made: pulumi.runtime.MockResourceArgs[] = [];
    await pulumi.runtime.setMocks({
      call: () => ({}),
      newResource: (args) => {
        made.push(args);
        return { id: `${args.name}-id`, state: { ...(args.inputs as object), name: "lan" } };
      },
    });
    const hosts = ["ash", "birch"].map((name) => new Host(name, { uri: `qemu+ssh://root@${name}/system` }));
    const network = new Network("lan", { hosts, forward: "bridge", bridge: "br0" });
    const name = pulumi.output(network.ref).name;
    assert.equal(await new Promise((resolve) => { name.apply(resolve); }), "lan");
    const parts = made.filter(({ type }) => type.endsWith(":HostNetwork"));
    assert.deepEqual(parts.map((part) => part.name), ["lan-ash", "lan-birch"]);
    for (const { inputs } of parts as { inputs: Record<string, unknown> }[]) {
      assert.deepEqual([inputs["network"], inputs["owner"], inputs["bridge"], inputs["name"]], ["lan", "ash-id", "br0", undefined]);
    }
    assert.throws(() => new Network("none", { hosts: [] }), /at least one host/);
  });
});

describe("diff of a network", () => {
  it("starts one that does not run", async () => {
    assert.ok(handler.diff !== undefined);
    for (const active of [true, false]) {
      const outputs = { uuid: "u", bridgeName: "virbr0", active, pending: ["mtu"] };
      const difference = await handler.diff(ctx, { id: "u", olds: { inputs: full, outputs }, news: full, standard: { changes: false } });
      assert.equal(difference.changes, !active, "what is pending is no difference");
    }
  });
});

describe("what is seen of a network", () => {
  const uuid = "6f7c2b7e-1111-4222-8333-000000000002";
  const definition = NetworkDocument.create({ ...managed(full), name: "lan", uuid });
  // What libvirt fills in by itself.
  const live = NetworkDocument.parse(definition.format().replace("</network>", "<bridge name='virbr7' stp='on' delay='0'/><mac address='52:54:00:00:00:09'/></network>"));

  it("is the declaration itself, with what libvirt fills in", () => {
    assert.deepEqual(observed(full, { definition, live }, false), full);
    assert.deepEqual(observed(full, { definition, live: undefined }, false), full);
  });

  it("shows what somebody changed of the definition, or of the running network alone, and keeps the words of the rest", () => {
    const changed = (document: NetworkDocument) => document.clone().apply({ dhcpHosts: [...document.dhcpHosts, { mac: "52:54:00:00:00:02", ip: "192.168.50.11", name: undefined }], dnsHosts: {} });
    const seen = { ...full,
      dhcp: { ranges: full.dhcp?.ranges, hosts: { ...full.dhcp?.hosts, "52:54:00:00:00:02": { mac: "52:54:00:00:00:02", ip: "192.168.50.11" } } },
      dns: { domain: "lan.test", hosts: {} } };
    assert.deepEqual(observed(full, { definition: changed(definition), live }, false), seen);
    assert.deepEqual(observed(full, { definition, live: changed(live) }, false), seen);
  });

  it("is quiet of what waits for guests, and shows it when they left", () => {
    const old = live.clone().apply({ mtu: 1400 });
    assert.deepEqual(observed(full, { definition, live: old }, true), full);
    assert.deepEqual(observed(full, { definition, live: old }, false), { ...full, mtu: 1400 });
  });

  it("tells before an adoption what it would change", () => {
    assert.deepEqual(adoptionChanges(full, { definition, live }), []);
    const foreign = definition.clone().apply({ address: "192.168.60.1/24" });
    assert.deepEqual(adoptionChanges(full, { definition: foreign, live: undefined }), [
      { property: "active: false → true", when: "live" }, { property: "address: \"192.168.60.1/24\" → \"192.168.50.1/24\"", when: "restart" }]);
  });
});
