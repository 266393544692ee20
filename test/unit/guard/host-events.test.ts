/** What a guard makes of libvirt's events. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { HostEvents } from "../../../provider/guard/host-events.js";
import { DomainEvent, type HostEvent } from "../../../provider/libvirt/index.js";
import { EventQueue } from "../../../provider/libvirt/subscription.js";

const LONG_MS = 60_000;
const never = new AbortController().signal;
const lifecycle = (uuid: string, event: number, detail: number): HostEvent => ({ name: "domainEventCallbackLifecycle", message: { callbackID: 1, msg: { dom: { name: uuid, uuid, id: 1 }, event, detail } } });

describe("a host's events", () => {
  const told: string[] = [];
  let queue = new EventQueue();
  const events = new HostEvents({
    subscribe: () => { queue = new EventQueue(); return Promise.resolve(queue.read()); },
    isOurs: (uuid) => uuid.startsWith("ours"), clock: systemClock, lost: (host) => { told.push(host); },
  });
  after(() => { events.stop(); queue.end(); });

  /** Whether an event makes a guard look before its time. */
  async function wakes(event: HostEvent): Promise<boolean> {
    const startMs = performance.now();
    const pause = events.pause(700, never);
    queue.push(event);
    await pause;
    return performance.now() - startMs < 650;
  }

  it("of a guest of the cluster bring a look at once, and those of others none", async () => {
    events.follow({ name: "ash", uri: "qemu+ssh://root@ash/system", owner: "o" });
    await systemClock.sleep(10);
    assert.equal(await wakes(lifecycle("ours-1", DomainEvent.STOPPED, 5)), true);
    assert.equal(await wakes({ name: "gap", message: {} }), true, "what was missed in a gap is looked for");
    assert.equal(await wakes(lifecycle("theirs", DomainEvent.STOPPED, 5)), false);
    assert.equal(await wakes(lifecycle("ours-1", DomainEvent.DEFINED, 1)), false, "a definition that changes is no matter of time");
  });

  it("that came between two pauses are not forgotten", async () => {
    queue.push(lifecycle("ours-1", DomainEvent.CRASHED, 0));
    await systemClock.sleep(10);
    const startMs = performance.now();
    await events.pause(LONG_MS, never);
    assert.ok(performance.now() - startMs < 5_000);
  });

  it("tell a shutdown by the host from one of the guest, and from what somebody wanted", async () => {
    const after = async (...all: readonly (readonly [number, number])[]): Promise<boolean> => {
      for (const [event, detail] of all) queue.push(lifecycle("ours-2", event, detail));
      await systemClock.sleep(10);
      return events.endedByHost("ours-2");
    };
    assert.equal(await after([DomainEvent.SHUTDOWN, 2], [DomainEvent.STOPPED, 0]), true);
    assert.equal(await after([DomainEvent.STARTED, 0]), false, "it runs again");
    assert.equal(await after([DomainEvent.SHUTDOWN, 1], [DomainEvent.STOPPED, 0]), false, "from inside");
    assert.equal(await after([DomainEvent.SHUTDOWN, 2], [DomainEvent.STOPPED, 1]), false, "virsh destroy ends it by a signal too");
  });

  it("that end are told, and heard again when the host answers", async () => {
    queue.end(new Error("the connection was lost"));
    await systemClock.sleep(10);
    assert.deepEqual(told, ["ash"]);
    events.follow({ name: "ash", uri: "qemu+ssh://root@ash/system", owner: "o" });
    await systemClock.sleep(10);
    assert.equal(await wakes(lifecycle("ours-1", DomainEvent.STARTED, 0)), true);
  });
});
