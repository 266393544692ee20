import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { KnownGuests, startable, type KnownGuest } from "../../../provider/guard/guests.js";
import type { ConnectedHost } from "../../../provider/inventory/hosts.js";
import { Intents } from "../../../provider/guard/intents.js";
import { openRecord } from "../../../provider/record/config.js";
import type { Hold, RecordStore } from "../../../provider/record/store.js";
import { DomainDocument } from "../../../provider/xml/index.js";

const UUID = "6c1f0c2e-0f67-4f6e-8f3b-0d3a5f9f2f11";
const XML = `<domain type="qemu"><name>web</name><uuid>${UUID}</uuid><devices><graphics type="vnc" port="-1" autoport="yes" passwd="hidden"><listen type="address" address="127.0.0.1"/></graphics></devices></domain>`;
const GUEST: KnownGuest = { uuid: UUID, name: "web", host: "ash", running: true, definition: XML, isWhole: true, seenMs: 1 };

let directory: string;
let local: RecordStore;
let hold: Hold;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "drover-guests-"));
  local = await openRecord({ directory: join(directory, "record") }, "cluster");
  const got = await local.acquire("leader", "one", { ttlSeconds: 5 });
  assert.ok("release" in got);
  hold = got;
});
after(async () => {
  await local.close();
  await rm(directory, { recursive: true });
});

/** The same entries, taken for a record that others read too. */
function shared(): RecordStore {
  return new Proxy(local, { get: (target, name) => { const value: unknown = name === "isShared" ? true : Reflect.get(target, name); return typeof value === "function" ? value.bind(target) as unknown : value; } });
}

describe("what a guard knows of guests", () => {
  it("is remembered by all and written by the leader alone, who writes what he saw before", async () => {
    let leads = false;
    const guests = new KnownGuests(local, () => (leads ? hold : undefined));
    await guests.put(GUEST);
    assert.deepEqual(await local.list("guests/"), []);
    leads = true;
    await guests.writeRest();
    const next = new KnownGuests(local, () => undefined);
    await next.load((text) => { throw new Error(text); });
    assert.deepEqual(next.runningOn("ash"), [GUEST]);
  });

  it("goes into a shared record without passwords, and a console that is started from there is not open", async () => {
    const guests = new KnownGuests(shared(), () => hold);
    await guests.put({ ...GUEST, host: "birch", seenMs: 2 });
    const next = new KnownGuests(local, () => undefined);
    await next.load((text) => { throw new Error(text); });
    const [found] = next.runningOn("birch");
    assert.ok(found !== undefined && !found.isWhole);
    assert.doesNotMatch(found.definition, /passwd|hidden/);
    const password = DomainDocument.parse(startable(found)).graphics?.password;
    assert.match(password ?? "", /^[\w-]{8}$/);
    assert.notEqual(DomainDocument.parse(startable(found)).graphics?.password, password);
    assert.equal(startable(GUEST), XML);
  });

  it("that is gone from its host is missing until it is seen again, and is no guest that was shut down", async () => {
    const guests = new KnownGuests(local, () => undefined);
    await guests.put({ ...GUEST, host: "ash", running: true });
    // Nothing is asked of a host that has none of our guests.
    await guests.learn({ name: "ash" } as unknown as ConnectedHost, [], new Map([[UUID, "web"]]), new Map(), false);
    assert.deepEqual(guests.missing(0).map(({ uuid }) => uuid), [UUID]);
    assert.deepEqual([guests.missing(60_000), guests.runningOn("ash")], [[], []]);
    await guests.put({ ...GUEST, host: "birch", running: true });
    assert.deepEqual(guests.missing(0), []);
  });

  it("that cannot be read is told, and hides nothing else", async () => {
    await local.put("guests/broken", "{");
    const told: string[] = [];
    const guests = new KnownGuests(local, () => undefined);
    await guests.load((text) => told.push(text));
    assert.match(told.join("\n"), /guests\/broken/);
    assert.equal(guests.get(UUID)?.name, "web");
  });
});

describe("a start that was begun", () => {
  it("is known to the next leader until it is over", async () => {
    const first = new Intents(local);
    await first.begin(UUID, "birch", hold);
    const second = new Intents(local);
    await second.load();
    assert.equal(second.of(UUID), "birch");
    await second.end(UUID, hold);
    await first.load();
    assert.equal(first.of(UUID), undefined);
  });

  it("is begun by nobody who leads no longer", async () => {
    await hold.release();
    await assert.rejects(new Intents(local).begin(UUID, "birch", hold), /leads no longer/);
    assert.deepEqual(await local.list("starts/"), []);
  });
});
