import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bytes } from "../../../provider/base/bytes.js";
import { HostConnection } from "../../../provider/libvirt/index.js";
import { createTransport, parseLibvirtUri } from "../../../provider/transport/index.js";
import { DomainDocument, NetworkDocument, PoolDocument, VolumeDocument } from "../../../provider/xml/index.js";
import { documents, skipDocuments } from "../../unit/xml/documents.js";
import { useLab } from "../support/lab.js";
import { changedLines, domainDefiner, networkDefiner, poolDefiner, roundTrip, volumeDefiner, type Define } from "./round-trip.js";

const MIB = 1024 ** 2;
const POOL = "xml-round-trip";

describe("libvirt's own documents", { skip: skipDocuments }, () => {
  // libvirt's documents have names and UUIDs of their own, which may not meet those of other tests.
  const lab = useLab({ own: true, hosts: 1 });
  let conn: HostConnection;
  before(async () => {
    const [host] = lab.lab.hosts;
    assert.ok(host);
    const transport = createTransport(parseLibvirtUri(host.unixUri), { name: host.name });
    conn = new HostConnection(() => transport.open(), { label: host.name });
    const { inHosts } = await lab.sharedFolder();
    const { pool } = await conn.storagePoolDefineXML({
      xml: PoolDocument.create({ name: POOL, uuid: "b9a2dfb7-8a0e-4bd0-93d4-1b5f5d6b8a11", type: "dir", path: `${inHosts}/pool` }).format(), flags: 0,
    });
    await conn.storagePoolBuild({ pool, flags: 0 });
    await conn.storagePoolCreate({ pool, flags: 0 });
  });
  after(async () => { await conn.close(); });

  async function allComeBack(kind: string, define: Define, atLeast: number): Promise<void> {
    let accepted = 0;
    for (const { name, text } of documents(kind)) {
      const trip = await roundTrip(define, text);
      if (trip === undefined) continue;
      accepted += 1;
      assert.equal(trip.actual, trip.expected, name);
    }
    assert.ok(accepted >= atLeast, `only ${String(accepted)} were accepted`);
  }

  it("domains: what we write from what we read is the same to libvirt", async () => { await allComeBack("domains", domainDefiner(conn), 200); });
  it("networks: what we write from what we read is the same to libvirt", async () => { await allComeBack("networks", networkDefiner(conn), 10); });
  it("pools: what we write from what we read is the same to libvirt", async () => { await allComeBack("pools", poolDefiner(conn), 5); });
  it("volumes: what we write from what we read is the same to libvirt", async () => { await allComeBack("volumes", volumeDefiner(conn, POOL), 3); });

  /** Patches each accepted domain and checks every line that libvirt then dumps differently. */
  async function onlyChanges(patch: (domain: DomainDocument) => ((changed: DomainDocument) => DomainDocument) | undefined, allowed: RegExp, atLeast: number): Promise<void> {
    const define = domainDefiner(conn);
    let patched = 0;
    for (const { name, text } of documents("domains")) {
      const first = await define(text);
      if (first === undefined) continue;
      const prepared = DomainDocument.parse(first);
      const change = patch(prepared);
      if (change === undefined) continue;
      const before = await define(prepared.format());
      assert.ok(before !== undefined, `${name}: the dump is refused`);
      const after = await define(change(DomainDocument.parse(before)).format());
      assert.ok(after !== undefined, `${name}: the change is refused`);
      const { gone, come } = changedLines(before, after);
      assert.ok(come.length > 0, `${name}: nothing changed`);
      for (const line of [...gone, ...come]) assert.match(line, allowed, name);
      patched += 1;
    }
    assert.ok(patched >= atLeast, `only ${String(patched)} were patched`);
  }

  it("another memory changes nothing else", () => onlyChanges((domain) => {
    const { current, modules } = domain.memory;
    if (modules.length > 0) return undefined;
    const memory = bytes(Math.ceil(current / MIB) * MIB + (current > 256 * MIB ? -64 : 64) * MIB);
    return (changed) => changed.setMemory(memory);
  }, /^<(?:memory|currentMemory|maxMemory|cell) /, 200));

  it("another number of virtual CPUs changes nothing else", () => onlyChanges((domain) => {
    if (domain.maxVcpus > 64 || domain.root.child("vcpu")?.attr("cpuset") !== undefined) return undefined;
    return (changed) => changed.apply({ maxVcpus: changed.maxVcpus * 2 });
  }, /^<(?:vcpu|topology|cell) |^<\/?vcpus>|^<vcpu id/, 100));

  it("another title changes nothing else", () => onlyChanges(() => (changed) => changed.apply({ title: "<another> & title" }), /^<title>/, 200));

  it("another mark changes nothing else", () => onlyChanges(() => (changed) =>
    changed.apply({ mark: { owner: "o", urn: "urn:x", version: 1, facts: { a: "<&>" } } }), /drover|^<\/?metadata\/?>$/, 200));

  it("another network of a NIC changes nothing else", () => onlyChanges((domain) => {
    const nic = domain.nics.find(({ source, mac }) => source !== undefined && mac !== "");
    if (nic === undefined) return undefined;
    domain.claimNic(nic.mac, "lan");
    return (changed) => {
      const now = changed.nics.find(({ name }) => name === "lan");
      assert.ok(now);
      changed.setNic("lan", { ...now, source: { network: "elsewhere" } });
      return changed;
    };
  }, /^<(?:source|interface) |^<\/?virtualport|^<parameters /, 5));

  it("another file of a disk changes nothing else", () => onlyChanges((domain) => {
    const disk = domain.disks.find(({ path, device }) => path !== undefined && device === "disk");
    if (disk === undefined) return undefined;
    domain.claimDisk(disk.target, "root");
    return (changed) => {
      const now = changed.disks.find(({ name }) => name === "root");
      assert.ok(now);
      changed.setDisk("root", { ...now, path: "/srv/elsewhere.img" });
      return changed;
    };
  }, /^<(?:source|disk|backingStore|format) |^<\/?(?:source|backingStore)\/?>/, 100));

  it("another size of a volume changes nothing else", async () => {
    const define = volumeDefiner(conn, POOL);
    let patched = 0;
    for (const { name, text } of documents("volumes")) {
      const before = await define(text);
      if (before === undefined) continue;
      const volume = VolumeDocument.parse(text);
      const after = await define(volume.setCapacity(bytes(volume.capacity + 1024 * MIB)).format());
      assert.ok(after !== undefined, name);
      const { gone, come } = changedLines(before, after);
      for (const line of [...gone, ...come]) assert.match(line, /^<(?:capacity|allocation|physical) /, name);
      patched += 1;
    }
    assert.ok(patched >= 3);
  });

  it("another domain name of a network changes nothing else", async () => {
    const define = networkDefiner(conn);
    for (const { name, text } of documents("networks")) {
      const before = await define(text);
      if (before === undefined || NetworkDocument.parse(before).address === undefined) continue;
      const after = await define(NetworkDocument.parse(before).apply({ domain: "another.test" }).format());
      assert.ok(after !== undefined, name);
      for (const line of Object.values(changedLines(before, after)).flat()) assert.match(line, /^<domain /, name);
    }
  });
});
