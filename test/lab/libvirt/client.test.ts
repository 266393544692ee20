import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Duplex } from "node:stream";
import { describe, it } from "node:test";
import {
  DomainEvent, DomainMetadataType, ErrorCode, HostConnection, isLibvirtError, paramsToObject, type DomainRef, type StorageVolRef,
} from "../../../provider/libvirt/index.js";
import { createTransport, parseLibvirtUri } from "../../../provider/transport/index.js";
import { useLab } from "../support/lab.js";

const lab = useLab();

/** Runs `task` with the lab's first host, by its socket or by ssh. */
async function withHost(way: "unixUri" | "uri", task: (host: HostConnection, streams: readonly Duplex[]) => Promise<void>): Promise<void> {
  const [first] = lab.lab.hosts;
  assert.ok(first);
  const transport = createTransport(parseLibvirtUri(first[way]), { name: first.name, ssh: { configFile: lab.lab.ssh.config } });
  const streams: Duplex[] = [];
  const open = async (): Promise<Duplex> => {
    const stream = await transport.open();
    streams.push(stream);
    return stream;
  };
  const host = new HostConnection(open, { label: first.name, keepalive: { intervalMs: 500, count: 4 } });
  try {
    await task(host, streams);
  } finally {
    await host.close();
    await transport.close();
  }
}

const domainXml = (name: string): string => `<domain type="qemu"><name>${name}</name><memory unit="MiB">64</memory><os><type arch="x86_64">hvm</type></os></domain>`;

async function define(host: HostConnection, base: string): Promise<DomainRef> {
  return (await host.domainDefineXMLFlags({ xml: domainXml(lab.name(base)), flags: 0 })).dom;
}

describe("the client on a real daemon", () => {
  for (const way of ["unixUri", "uri"] as const) {
    it(`defines, reads, marks and undefines a domain by ${way}`, () => withHost(way, async (host) => {
      const dom = await define(host, "plain");
      try {
        assert.match((await host.domainGetXMLDesc({ dom, flags: 0 })).xml, new RegExp(`<uuid>${dom.uuid}</uuid>`));
        assert.deepEqual((await host.domainLookupByUUID({ uuid: dom.uuid })).dom, dom);
        const mark = `<mark owner="me"/>`;
        await host.domainSetMetadata({ dom, type: DomainMetadataType.ELEMENT, metadata: mark, key: "drover", uri: "urn:test", flags: 0 });
        assert.deepEqual(await host.domainGetMetadata({ dom, type: DomainMetadataType.ELEMENT, uri: "urn:test", flags: 0 }), { metadata: mark });
        const { retStats: [stats] } = await host.connectGetAllDomainStats({ doms: [dom], stats: 0, flags: 0 });
        assert.equal(paramsToObject(stats?.params ?? [])["balloon.maximum"], 64 * 1024);
      } finally {
        await host.domainUndefineFlags({ dom, flags: 0 });
      }
      await assert.rejects(host.domainGetInfo({ dom }), (error) => isLibvirtError(error, ErrorCode.NO_DOMAIN));
    }));
  }

  it("tells what happens", () => withHost("uri", async (host) => {
    const events = await host.events(AbortSignal.timeout(10_000));
    const dom = await define(host, "events");
    await host.domainUndefineFlags({ dom, flags: 0 });
    const heard: number[] = [];
    for await (const event of events) {
      if (event.name !== "domainEventCallbackLifecycle" || event.message.msg.dom.uuid !== dom.uuid) continue;
      heard.push(event.message.msg.event);
      if (heard.length === 2) break;
    }
    assert.deepEqual(heard, [DomainEvent.DEFINED, DomainEvent.UNDEFINED]);
  }));

  it("comes back after its stream was cut", () => withHost("uri", async (host, streams) => {
    const before = await host.connectGetHostname();
    streams[0]?.destroy();
    assert.deepEqual(await host.connectGetHostname(), before);
    assert.equal(streams.length, 2);
  }));
});

describe("a volume on a real daemon", () => {
  it("gets and gives back a sparse file, byte for byte", () => withHost("uri", (host) => withVolume(host, async (vol, sizeBytes) => {
    const data = randomBytes(5_000_000);
    const content = [data, Buffer.alloc(20_000_000), data.subarray(0, 1_000_001), Buffer.alloc(sizeBytes - 26_000_001)];
    const { totalBytes, sentBytes } = await host.upload(vol, pieces(content));
    assert.equal(totalBytes, sizeBytes);
    assert.ok(sentBytes < 7_000_000, `${sentBytes} bytes were sent`);
    for (const sparse of [true, false]) {
      const hash = createHash("sha256");
      let holeBytes = 0;
      for await (const piece of host.download(vol, { sparse })) {
        if ("data" in piece) hash.update(piece.data);
        else { hash.update(Buffer.alloc(piece.holeBytes)); holeBytes += piece.holeBytes; }
      }
      assert.equal(hash.digest("hex"), createHash("sha256").update(Buffer.concat(content)).digest("hex"));
      assert.equal(holeBytes > 0, sparse);
    }
    assert.ok((await host.storageVolGetInfo({ vol })).allocation < 8_000_000n);
  })));

  it("that was given up half-way leaves the host usable", () => withHost("uri", (host) => withVolume(host, async (vol) => {
    async function* broken(): AsyncGenerator<Uint8Array> { yield randomBytes(3_000_000); await delay(10); throw new Error("the source broke off"); }
    await assert.rejects(host.upload(vol, broken()), /the source broke off/);
    await host.upload(vol, pieces([randomBytes(1000)]));
  })));

  async function withVolume(host: HostConnection, task: (vol: StorageVolRef, sizeBytes: number) => Promise<void>): Promise<void> {
    const sizeBytes = 40_000_000;
    const name = lab.name("pool");
    const { pool } = await host.storagePoolDefineXML({ xml: `<pool type="dir"><name>${name}</name><target><path>/var/lib/libvirt/${name}</path></target></pool>`, flags: 0 });
    await host.storagePoolBuild({ pool, flags: 0 });
    await host.storagePoolCreate({ pool, flags: 0 });
    try {
      const { vol } = await host.storageVolCreateXML({
        pool, flags: 0, xml: `<volume><name>v</name><capacity>${sizeBytes}</capacity><allocation>0</allocation><target><format type="raw"/></target></volume>`,
      });
      try {
        await task(vol, sizeBytes);
      } finally {
        await host.storageVolDelete({ vol, flags: 0 });
      }
    } finally {
      await host.storagePoolDestroy({ pool });
      await host.storagePoolDelete({ pool, flags: 0 });
      await host.storagePoolUndefine({ pool });
    }
  }

  async function* pieces(content: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    for (const piece of content) { await delay(0); yield piece; }
  }
});

describe("fifty slow calls on a real daemon", () => {
  it("neither starve keepalive nor stall a quick one", () => withHost("uri", async (host) => {
    const dom = await define(host, "stuck");
    const qemu = (signal: string): Promise<unknown> | undefined => lab.hosts[0]?.exec(["sh", "-c", `kill -${signal} "$(cat /run/libvirt/qemu/${dom.name}.pid)"`]);
    try {
      await host.domainCreateWithFlags({ dom, flags: 0 });
      // A QEMU that stands still answers no monitor command: every reset waits for it.
      await qemu("STOP");
      let done = 0;
      const slow = Promise.all(Array.from({ length: 50 }, () => host.domainReset({ dom, flags: 0 }).then(() => { done += 1; })));
      const slowest = await slowestQuickCall(host, 5_000);
      assert.equal(done, 0, "the slow calls were not slow");
      assert.ok(slowest < 1_000, `a quick call took ${slowest} ms`);
      await qemu("CONT");
      await slow;
      assert.equal(done, 50);
    } finally {
      await qemu("CONT");
      await host.domainDestroyFlags({ dom, flags: 0 });
      await host.domainUndefineFlags({ dom, flags: 0 });
    }
  }));

  /** Makes quick calls for so long; the connections' own keepalive gives up after 2 s. */
  async function slowestQuickCall(host: HostConnection, forMs: number): Promise<number> {
    let slowest = 0;
    for (const end = Date.now() + forMs; Date.now() < end;) {
      const start = Date.now();
      await host.connectGetHostname();
      slowest = Math.max(slowest, Date.now() - start);
      await delay(50);
    }
    return slowest;
  }
});
