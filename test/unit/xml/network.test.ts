import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NetworkDocument, networkUpdates, pendingNetworkChanges, type NetworkSpec } from "../../../provider/xml/index.js";

const spec: NetworkSpec = {
  name: "lan", uuid: "6f7c2b7e-1111-4222-8333-000000000002", forward: "nat", bridge: undefined, address: "192.168.50.1/24", mtu: 1400, domain: "lan.test",
  dhcpRanges: [{ start: "192.168.50.10", end: "192.168.50.99" }],
  dhcpHosts: [{ mac: "52:54:00:00:00:01", ip: "192.168.50.2", name: "a" }, { mac: "52:54:00:00:00:02", ip: "192.168.50.3", name: "b" }],
  dnsHosts: { gate: "192.168.50.1", way: "192.168.50.1", out: "10.0.0.1" },
};

describe("NetworkDocument", () => {
  it("reads back what it was made from, and stays as it is when that is wanted again", () => {
    const text = NetworkDocument.create(spec).format();
    const network = NetworkDocument.parse(text);
    for (const property of Object.keys(spec) as (keyof NetworkSpec)[]) assert.deepEqual(network[property], spec[property], property);
    assert.equal(network.apply(spec).format(), text);
  });

  it("leaves nothing of libvirt's own bridge when it becomes one that is there, and the other way round", () => {
    const own = NetworkDocument.parse("<network><name>lan</name><forward mode='nat'/><bridge name='virbr0' stp='on' delay='0'/><mac address='52:54:00:00:00:09'/></network>");
    const bridged = own.clone().apply({ forward: "bridge", bridge: "br0" });
    assert.equal(bridged.format().replaceAll(/\s*\n\s*/g, ""), "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>");
    assert.equal(bridged.clone().apply({ forward: "nat", bridge: undefined }).bridge, undefined);
    assert.equal(own.clone().apply({ forward: "isolated" }).bridge, "virbr0");
  });

  it("reads a netmask as a prefix", () => {
    assert.equal(NetworkDocument.parse("<network><ip address='10.0.0.1' netmask='255.255.240.0'/></network>").address, "10.0.0.1/20");
  });
});

describe("networkUpdates", () => {
  const before = NetworkDocument.create(spec);
  const after = (changes: Partial<NetworkSpec>): NetworkDocument => NetworkDocument.create({ ...spec, ...changes });

  it("are none when nothing changed", () => {
    assert.deepEqual(networkUpdates(before, after({})), []);
  });

  it("modify a host whose address is free, and replace two that swap", () => {
    const [a, b] = spec.dhcpHosts;
    assert.ok(a !== undefined && b !== undefined);
    assert.deepEqual(networkUpdates(before, after({ dhcpHosts: [{ ...a, ip: "192.168.50.5" }, b] })).map(({ command, section }) => [command, section]), [[1, 4]]);
    assert.deepEqual(networkUpdates(before, after({ dhcpHosts: [{ ...a, ip: b.ip }, { ...b, ip: a.ip }] })).map(({ command }) => command), [2, 2, 3, 3]);
  });

  it("delete before they add", () => {
    const updates = networkUpdates(before, after({ dhcpRanges: [{ start: "192.168.50.20", end: "192.168.50.99" }], dnsHosts: { out: "10.0.0.2" } }));
    assert.deepEqual(updates.map(({ command, section }) => [command, section]), [[2, 5], [3, 5], [2, 10], [2, 10], [3, 10]]);
    assert.equal(updates[2]?.xml, "<host ip='192.168.50.1'/>");
  });

  it("leave DHCP entries of another address, and all of another mode, to a restart", () => {
    const moved = after({ address: "192.168.51.1/24", dhcpRanges: [], dnsHosts: {} });
    assert.deepEqual(networkUpdates(before, moved).map(({ section }) => section), [10, 10]);
    assert.deepEqual(pendingNetworkChanges(before, moved), ["address", "dhcp"]);
    const bridged = after({ forward: "bridge", bridge: "br0", address: undefined, dhcpRanges: [], dhcpHosts: [], dnsHosts: {}, domain: undefined });
    assert.deepEqual(networkUpdates(before, bridged), []);
    assert.deepEqual(pendingNetworkChanges(before, bridged), ["forward", "bridge", "address", "dns.domain", "dhcp"]);
  });

  it("leave the rest to a restart, and say so", () => {
    assert.deepEqual(pendingNetworkChanges(before, after({ mtu: 9000, forward: "isolated" })), ["forward", "mtu"]);
  });
});
