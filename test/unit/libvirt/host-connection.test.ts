import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { describe, it } from "node:test";
import { ConnectionLostError } from "../../../provider/libvirt/errors.js";
import { HostConnection } from "../../../provider/libvirt/host-connection.js";
import type { Frame } from "../../../provider/libvirt/frame.js";
import { MessageType } from "../../../provider/libvirt/frame.js";
import { nothing, REMOTE_PROGRAM } from "../../../provider/libvirt/procedure.js";
import { procedures } from "../../../provider/libvirt/protocol/procedures.generated.js";
import { codecs } from "../../../provider/libvirt/protocol/types.generated.js";
import { FakeDaemon, type Answer } from "./fake-daemon.js";

const dom = { name: "web-0", uuid: "a233ec4b-4543-47d2-97ae-4f54b93f6e62", id: -1 };
const { domainGetXMLDesc, domainReset } = procedures;
const xml: Answer = (daemon, call) => { daemon.reply(call, codecs.DomainGetXMLDescRet, { xml: "<domain/>" }); };

/** A host whose every connection is a fake daemon of its own. */
function host(answers: (connection: number) => Readonly<Record<number, Answer>>): { host: HostConnection; daemons: FakeDaemon[] } {
  const daemons: FakeDaemon[] = [];
  const open = (): Promise<FakeDaemon["client"]> => {
    const daemon = new FakeDaemon(answers(daemons.length));
    daemons.push(daemon);
    return Promise.resolve(daemon.client);
  };
  return { host: new HostConnection(open, { label: "ash" }), daemons };
}

describe("the bulkhead", () => {
  it("holds at most four slow calls on a connection and lets quick ones pass", async () => {
    const open: { daemon: FakeDaemon; call: Frame }[] = [];
    const { host: ash, daemons } = host(() => ({ [domainReset.number]: (daemon, call) => { open.push({ daemon, call }); }, [domainGetXMLDesc.number]: xml }));
    const slow = Promise.all(Array.from({ length: 50 }, () => ash.domainReset({ dom, flags: 0 })));
    await delay(20);
    assert.equal(open.length, 8);
    assert.equal((await ash.domainGetXMLDesc({ dom, flags: 0 })).xml, "<domain/>");
    for (let answered = 0; answered < 50; answered += 1) {
      const next = open.shift();
      assert.ok(next, `only ${answered} slow calls were made`);
      next.daemon.reply(next.call, nothing, undefined);
      await delay(1);
      for (const daemon of daemons) assert.ok(open.filter((entry) => entry.daemon === daemon).length <= 4);
    }
    await slow;
    assert.equal(daemons.length, 3);
    await ash.close();
  });
});

describe("a lost connection", () => {
  it("is opened again, and a call that only reads is made again", async () => {
    const { host: ash, daemons } = host((connection) => ({ [domainGetXMLDesc.number]: connection === 0 ? (daemon) => { daemon.hangUp(); } : xml }));
    assert.equal((await ash.domainGetXMLDesc({ dom, flags: 0 })).xml, "<domain/>");
    assert.equal(daemons.length, 2);
    await ash.close();
  });

  it("never repeats a call that may have happened", async () => {
    const { host: ash, daemons } = host(() => ({ [domainReset.number]: (daemon) => { daemon.hangUp(); } }));
    await assert.rejects(ash.domainReset({ dom, flags: 0 }), (error) => error instanceof ConnectionLostError && error.mayHaveHappened);
    assert.equal(daemons.reduce((sum, daemon) => sum + daemon.count(domainReset), 0), 1);
    await ash.close();
  });

  it("tells at once that a host cannot be reached", async () => {
    let attempts = 0;
    const ash = new HostConnection(() => { attempts += 1; return Promise.reject(new Error("no route to host")); }, { label: "ash" });
    await assert.rejects(ash.domainGetXMLDesc({ dom, flags: 0 }), /^Error: no route to host$/);
    assert.equal(attempts, 1);
    await ash.close();
  });

  it("shows to readers of events as a gap", async () => {
    const register: Readonly<Record<number, Answer>> = Object.fromEntries([
      procedures.connectDomainEventCallbackRegisterAny, procedures.connectNetworkEventRegisterAny, procedures.connectStoragePoolEventRegisterAny,
    ].map((procedure) => [procedure.number, (daemon: FakeDaemon, call: Frame) => { daemon.reply(call, codecs.ConnectDomainEventCallbackRegisterAnyRet, { callbackID: 1 }); }]));
    const { host: ash, daemons } = host(() => register);
    const started = (daemon: FakeDaemon | undefined): void => {
      daemon?.frame({ program: REMOTE_PROGRAM, procedure: 318, type: MessageType.MESSAGE, serial: 0, status: 0 }, codecs.DomainEventCallbackLifecycleMsg, { callbackID: 1, msg: { dom, event: 2, detail: 0 } });
    };
    const heard: string[] = [];
    for await (const event of await startedEvents()) {
      heard.push(event.name);
      if (heard.length === 1) daemons[0]?.hangUp();
      if (heard.length === 2) started(daemons[1]);
      if (heard.length === 3) break;
    }
    assert.deepEqual(heard, ["domainEventCallbackLifecycle", "gap", "domainEventCallbackLifecycle"]);
    await ash.close();

    async function startedEvents(): ReturnType<HostConnection["events"]> {
      const events = await ash.events();
      started(daemons[0]);
      return events;
    }
  });

  it("ends readers of events when we close it", async () => {
    const { host: ash } = host(() => Object.fromEntries([
      procedures.connectDomainEventCallbackRegisterAny, procedures.connectNetworkEventRegisterAny, procedures.connectStoragePoolEventRegisterAny,
    ].map((procedure) => [procedure.number, (daemon: FakeDaemon, call: Frame) => { daemon.reply(call, codecs.ConnectDomainEventCallbackRegisterAnyRet, { callbackID: 1 }); }])));
    const events = await ash.events();
    const reading = events.next();
    await ash.close();
    assert.deepEqual(await reading, { done: true, value: undefined });
    await assert.rejects(ash.domainGetXMLDesc({ dom, flags: 0 }), /closed by us/);
  });
});
