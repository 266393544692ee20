import assert from "node:assert/strict";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Connection } from "../../../provider/libvirt/connection.js";
import { ConnectionLostError, LibvirtError, ProtocolError } from "../../../provider/libvirt/errors.js";
import { MessageStatus, MessageType, type Frame } from "../../../provider/libvirt/frame.js";
import { KEEPALIVE_PROGRAM, nothing, REMOTE_PROGRAM } from "../../../provider/libvirt/procedure.js";
import { procedures } from "../../../provider/libvirt/protocol/procedures.generated.js";
import { codecs } from "../../../provider/libvirt/protocol/types.generated.js";
import { download, upload } from "../../../provider/libvirt/volume-transfer.js";
import { argsOf, FakeDaemon, type Answer } from "./fake-daemon.js";

const options = { label: "ash" };
const dom = { name: "web-0", uuid: "a233ec4b-4543-47d2-97ae-4f54b93f6e62", id: -1 };
const vol = { pool: "disks", name: "root", key: "/disks/root" };
const { domainGetInfo, domainDestroyFlags, domainGetXMLDesc, storageVolUpload, storageVolDownload, authList, authPolkit } = procedures;

async function connected(answers: Readonly<Record<number, Answer>> = {}): Promise<{ daemon: FakeDaemon; connection: Connection }> {
  const daemon = new FakeDaemon(answers);
  return { daemon, connection: await Connection.open(daemon.client, options) };
}

describe("the handshake", () => {
  it("asks for SASL in vain, and says what to do", async () => {
    const daemon = new FakeDaemon({ [authList.number]: (peer, call) => { peer.reply(call, codecs.AuthListRet, { types: [1] }); } });
    await assert.rejects(Connection.open(daemon.client, options), /wants SASL.*\n.*qemu\+ssh/);
    assert.equal(daemon.client.destroyed, true);
  });

  it("lets polkit decide, and passes its refusal on", async () => {
    const polkit: Answer = (peer, call) => { peer.reply(call, codecs.AuthListRet, { types: [2] }); };
    const kind = new FakeDaemon({ [authList.number]: polkit, [authPolkit.number]: (peer, call) => { peer.reply(call, codecs.AuthPolkitRet, { complete: 1 }); } });
    await (await Connection.open(kind.client, options)).close();
    const stern = new FakeDaemon({ [authList.number]: polkit, [authPolkit.number]: (peer, call) => { peer.refuse(call, 45, "authentication failed"); } });
    await assert.rejects(Connection.open(stern.client, options), /polkit does not let this user in.*\n.*group libvirt/);
  });

  it("gives up when no answer comes in time", async () => {
    const daemon = new FakeDaemon({ [authList.number]: () => {} });
    await assert.rejects(Connection.open(daemon.client, { ...options, openTimeoutMs: 20 }), /no answer to the handshake within 20 ms/);
  });

  it("takes a peer that is no libvirt for what it is", async () => {
    const daemon = new FakeDaemon({ [authList.number]: (peer) => { peer.raw(Buffer.from("HTTP/1.1 400 Bad Request\r\n")); } });
    await assert.rejects(Connection.open(daemon.client, options), ProtocolError);
  });
});

describe("a call", () => {
  it("gets its own answer when answers come out of order", async () => {
    const held: Frame[] = [];
    const { daemon, connection } = await connected({ [domainGetXMLDesc.number]: (_, call) => { held.push(call); } });
    const calls = Promise.all([0, 1, 2].map((flags) => connection.domainGetXMLDesc({ dom, flags })));
    await turn();
    for (const call of held.reverse()) daemon.reply(call, codecs.DomainGetXMLDescRet, { xml: String(argsOf(call, codecs.DomainGetXMLDescArgs).flags) });
    assert.deepEqual(await calls, [{ xml: "0" }, { xml: "1" }, { xml: "2" }]);
    await connection.close();
  });

  it("tells libvirt's refusal with code, domain and procedure", async () => {
    const { connection } = await connected({ [domainGetInfo.number]: (peer, call) => { peer.refuse(call, 42, "Domain not found"); } });
    await assert.rejects(connection.domainGetInfo({ dom }), (error) => {
      assert.ok(error instanceof LibvirtError);
      assert.deepEqual([error.code, error.domain, error.procedure, error.host], [42, 10, "domainGetInfo", "ash"]);
      assert.match(error.message, /Domain not found \(NO_DOMAIN, from QEMU\)/);
      return true;
    });
    await connection.close();
  });

  it("rejects alone when its arguments do not fit, and leaves the others whole", async () => {
    const { connection } = await connected({ [domainGetXMLDesc.number]: (peer, call) => { peer.reply(call, codecs.DomainGetXMLDescRet, { xml: "<domain/>" }); } });
    const good = connection.domainGetXMLDesc({ dom, flags: 0 });
    await assert.rejects(connection.domainGetXMLDesc({ dom: { ...dom, uuid: "none" }, flags: 0 }), /arguments do not fit: "none" is not a UUID/);
    assert.deepEqual(await good, { xml: "<domain/>" });
    await connection.close();
  });
});

describe("a lost connection", () => {
  it("rejects each call in flight and says whether it may have happened", async () => {
    const { daemon, connection } = await connected();
    const results = Promise.allSettled([connection.domainGetInfo({ dom }), connection.domainDestroyFlags({ dom, flags: 0 })]);
    await turn();
    daemon.hangUp();
    const [read, change] = (await results).map((result) => result.status === "rejected" ? result.reason as unknown : undefined);
    assert.ok(read instanceof ConnectionLostError && change instanceof ConnectionLostError);
    assert.deepEqual([read.mayHaveHappened, change.mayHaveHappened], [false, true]);
    assert.match(change.message, /may or may not have been carried out/);
    await assert.rejects(connection.domainDestroyFlags({ dom, flags: 0 }), (error) => error instanceof ConnectionLostError && !error.mayHaveHappened);
  });

  it("did not carry out what was never sent", async () => {
    const { daemon, connection } = await connected();
    const call = connection.domainDestroyFlags({ dom, flags: 0 });
    daemon.hangUp();
    await assert.rejects(call, (error) => error instanceof ConnectionLostError && !error.mayHaveHappened);
    assert.equal(daemon.count(domainDestroyFlags), 0);
  });

  const violations: [string, (daemon: FakeDaemon, call: Frame) => void, RegExp][] = [
    ["of an unknown serial", (daemon, call) => { daemon.reply({ ...call, serial: 999 }, nothing, undefined); }, /unknown serial 999/],
    ["that answers another procedure", (daemon, call) => { daemon.reply({ ...call, procedure: 1 }, nothing, undefined); }, /is of procedure 1/],
    ["of an unknown type", (daemon, call) => { daemon.frame({ ...call, type: 9 }, nothing, undefined); }, /unexpected type 9/],
    ["whose payload is too short", (daemon, call) => { daemon.reply(call, nothing, undefined); }, /ends \d+ bytes too early/],
    ["whose payload is too long", (daemon, call) => { daemon.frame({ ...call, type: MessageType.REPLY }, codecs.NodeGetInfoRet, { model: "", memory: 0n, cpus: 0, mhz: 0, nodes: 0, sockets: 0, cores: 0, threads: 0 }); }, /left over/],
    ["of a stream that is not there", (daemon, call) => { daemon.frame({ ...call, type: MessageType.STREAM, serial: 77 }, nothing, undefined); }, /unknown serial 77/],
  ];
  for (const [what, violate, expected] of violations) {
    it(`is what follows a frame ${what}`, async () => {
      const { daemon, connection } = await connected({ [domainGetInfo.number]: violate });
      await assert.rejects(connection.domainGetInfo({ dom }), (error) => {
        assert.ok(error instanceof ConnectionLostError && error.cause instanceof ProtocolError);
        assert.match(error.message, expected);
        return true;
      });
      assert.equal(connection.isOpen, false);
      assert.equal(daemon.client.destroyed, true);
    });
  }

  it("follows any garbage, or the garbage is waited out: nothing hangs or throws", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 4, maxLength: 100 }), async (bytes) => {
      const { daemon, connection } = await connected();
      const lost = assert.rejects(connection.domainGetInfo({ dom }), ConnectionLostError);
      await turn();
      daemon.raw(bytes);
      await turn();
      daemon.hangUp();
      await lost;
    }), { numRuns: 60 });
  });
});

describe("keepalive", () => {
  it("answers pings", async () => {
    const { daemon, connection } = await connected();
    daemon.frame({ program: KEEPALIVE_PROGRAM, procedure: 1, type: MessageType.MESSAGE, serial: 0, status: 0 }, nothing, undefined);
    await turn();
    await turn();
    assert.ok(daemon.calls.some((frame) => frame.program === KEEPALIVE_PROGRAM && frame.procedure === 2));
    await connection.close();
  });

  it("loses a peer that is silent", async () => {
    const daemon = new FakeDaemon();
    const connection = await Connection.open(daemon.client, { ...options, keepalive: { intervalMs: 5, count: 2 } });
    // The keepalive's own timer does not keep a process alive.
    const awake = setTimeout(() => {}, 5_000);
    await assert.rejects(connection.domainDestroyFlags({ dom, flags: 0 }), /silent for 10 ms/);
    clearTimeout(awake);
    assert.ok(daemon.calls.filter((frame) => frame.program === KEEPALIVE_PROGRAM && frame.procedure === 1).length >= 2);
  });

  it("lets a peer live that answers slowly", async () => {
    const daemon = new FakeDaemon({ [domainGetInfo.number]: (peer, call) => {
      const signs = setInterval(() => { peer.frame({ program: KEEPALIVE_PROGRAM, procedure: 2, type: MessageType.MESSAGE, serial: 0, status: 0 }, nothing, undefined); }, 5);
      setTimeout(() => { clearInterval(signs); peer.refuse(call, 42, "none"); }, 120);
    } });
    const connection = await Connection.open(daemon.client, { ...options, keepalive: { intervalMs: 20, count: 2 } });
    await assert.rejects(connection.domainGetInfo({ dom }), LibvirtError);
    await connection.close();
  });
});

describe("events", () => {
  it("arrive typed, and unknown ones pass by", async () => {
    const { daemon, connection } = await connected();
    const heard: unknown[] = [];
    connection.onEvent((event) => heard.push(event));
    const head = { program: REMOTE_PROGRAM, type: MessageType.MESSAGE, serial: 0, status: 0 };
    daemon.frame({ ...head, procedure: 453 }, nothing, undefined);
    daemon.frame({ ...head, procedure: 318 }, codecs.DomainEventCallbackLifecycleMsg, { callbackID: 3, msg: { dom, event: 5, detail: 1 } });
    await turn();
    await turn();
    assert.deepEqual(heard, [{ name: "domainEventCallbackLifecycle", message: { callbackID: 3, msg: { dom, event: 5, detail: 1 } } }]);
    await connection.close();
  });
});

describe("streams", () => {
  const accept: Answer = (peer, call) => { peer.reply(call, nothing, undefined); };

  /** A daemon that takes an upload in and confirms it. */
  function uploadDaemon(onPiece: (daemon: FakeDaemon, frame: Frame) => void): FakeDaemon {
    const daemon = new FakeDaemon({ [storageVolUpload.number]: accept });
    let seen = 0;
    daemon.client.on("drain", () => {});
    const watch = setInterval(() => {
      for (; seen < daemon.calls.length; seen += 1) {
        const frame = daemon.calls[seen];
        if (frame === undefined || (frame.type !== MessageType.STREAM && frame.type !== MessageType.STREAM_HOLE)) continue;
        if (frame.status === MessageStatus.CONTINUE) onPiece(daemon, frame);
        else { daemon.frame({ ...frame, status: MessageStatus.OK }, nothing, undefined); clearInterval(watch); }
      }
    }, 1);
    watch.unref();
    return daemon;
  }

  it("carry an upload in order, zero blocks as holes", async () => {
    const received: string[] = [];
    const daemon = uploadDaemon((_, frame) => {
      received.push(frame.type === MessageType.STREAM ? `data ${frame.payloadEnd - frame.payloadStart}` : `hole ${argsOf(frame, codecs.NetStreamHole).length}`);
    });
    const connection = await Connection.open(daemon.client, options);
    const block = 63 * 4096;
    const content = Buffer.concat([Buffer.alloc(block, 1), Buffer.alloc(2 * block), Buffer.alloc(10, 2), Buffer.alloc(100)]);
    const done: number[] = [];
    const awake = setTimeout(() => {}, 5_000);
    const result = await upload(connection, vol, chunks(content, 1000), { onProgress: (bytes) => done.push(bytes) });
    clearTimeout(awake);
    assert.deepEqual(received, [`data ${block}`, `hole ${2 * block}`, "data 110"]);
    assert.deepEqual(result, { totalBytes: content.length, sentBytes: block + 110 });
    assert.equal(done.at(-1), content.length);
    await connection.close();
  });

  it("end an upload with libvirt's own error, and leave the connection usable", async () => {
    let refused = false;
    const daemon = uploadDaemon((peer, frame) => {
      if (refused) return;
      refused = true;
      peer.frame({ ...frame, type: MessageType.STREAM, status: MessageStatus.ERROR }, codecs.NetMessageError, {
        code: 38, domain: 38, message: "No space left on device", level: 2, dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null,
      });
    });
    const connection = await Connection.open(daemon.client, options);
    const awake = setTimeout(() => {}, 5_000);
    await assert.rejects(upload(connection, vol, chunks(Buffer.alloc(20_000_000, 1), 65_536, 1)), /No space left on device/);
    clearTimeout(awake);
    assert.equal(connection.isOpen, true);
    await connection.close();
  });

  it("give an upload up when its source fails", async () => {
    const daemon = uploadDaemon(() => {});
    const connection = await Connection.open(daemon.client, options);
    async function* broken(): AsyncGenerator<Uint8Array> { yield Buffer.alloc(10); await turn(); throw new Error("the server broke off"); }
    await assert.rejects(upload(connection, vol, broken()), /the server broke off/);
    await turn();
    assert.ok(daemon.calls.some((frame) => frame.type === MessageType.STREAM && frame.status === MessageStatus.ERROR));
    await connection.close();
  });

  it("slow a daemon down whose data nobody reads, and deliver all of it", async () => {
    const piece = Buffer.alloc(200_000, 7);
    const pieces = 50;
    const daemon = new FakeDaemon({ [storageVolDownload.number]: (peer, call) => {
      peer.reply(call, nothing, undefined);
      const head = { ...call, type: MessageType.STREAM, status: MessageStatus.CONTINUE };
      for (let index = 0; index < pieces; index += 1) peer.frame(head, { encode: (writer) => { writer.bytes(piece); }, decode: () => {} }, undefined);
      peer.frame({ ...head, type: MessageType.STREAM_HOLE }, codecs.NetStreamHole, { length: 4096n, flags: 0 });
      peer.frame(head, nothing, undefined);
    } });
    const connection = await Connection.open(daemon.client, options);
    let dataBytes = 0;
    let holeBytes = 0;
    let paused = false;
    const confirm = setInterval(() => {
      const finish = daemon.calls.find((frame) => frame.type === MessageType.STREAM && frame.status === MessageStatus.OK);
      if (finish === undefined) return;
      clearInterval(confirm);
      daemon.frame(finish, nothing, undefined);
    }, 1);
    for await (const arrived of download(connection, vol, { sparse: true })) {
      await delay(1);
      paused ||= daemon.client.isPaused();
      if ("data" in arrived) dataBytes += arrived.data.length;
      else holeBytes += arrived.holeBytes;
    }
    assert.deepEqual([dataBytes, holeBytes, paused], [pieces * piece.length, 4096, true]);
    await connection.close();
  });

  async function* chunks(content: Buffer, bytes: number, pauseMs?: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < content.length; at += bytes) {
      if (pauseMs !== undefined) await delay(pauseMs);
      yield content.subarray(at, at + bytes);
    }
  }
});

