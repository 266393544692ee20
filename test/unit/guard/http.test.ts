/** What a guard tells by HTTP: figures as Prometheus reads them, whether it works, and whether it can be relied on. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { GuardHttp } from "../../../provider/guard/index.js";
import type { Observed } from "../../../provider/guard/http.js";

const WELL: Observed = { conditions: new Map([["ash", "alive"], ["birch", "ailing"]]), leads: true, guests: { guarded: 7, waiting: 2 }, idleSeconds: 0.4, hasRecord: true };
const STALE_SECONDS = 5;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One request to a guard that sees this. */
async function ask(path: string, observed: Partial<Observed> = {}, prepare: (http: GuardHttp) => void = () => {}): Promise<Answer> {
  const http = new GuardHttp(() => ({ ...WELL, ...observed }), STALE_SECONDS);
  prepare(http);
  const { port, close } = await http.listen("127.0.0.1", 0);
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, type: response.headers.get("content-type") ?? "", body: await response.text() };
  } finally {
    await close();
  }
}

/** Values by name and labels, of text in Prometheus's exposition format. @throws where a line is none, or a sample comes before its type */
function samplesIn(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  assert.ok(text.endsWith("\n"), "the last line ends");
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line)?.[1];
    if (type !== undefined) {
      assert.ok(!typed.has(type), `${type} has one type`);
      typed.add(type);
    }
    if (line.startsWith("#")) {
      assert.match(line, /^# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* \S/);
      continue;
    }
    const [, name, labels = "", value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)$/.exec(line) ?? [];
    assert.ok(name !== undefined && typed.has(name), `a sample of a known type: ${line}`);
    assert.ok(!samples.has(name + labels), `once: ${line}`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

describe("/metrics of a guard", () => {
  it("are its figures, as Prometheus reads them", async () => {
    const { status, type, body } = await ask("/metrics", {}, (http) => {
      for (const kind of ["host-lost", "guest-restarted", "guest-restarted"] as const) http.count({ at: "", guard: "one", kind, text: "" });
    });
    assert.equal(status, 200);
    assert.match(type, /^text\/plain; version=0\.0\.4/);
    const samples = samplesIn(body);
    assert.deepEqual(Object.fromEntries([...samples].filter(([name]) => !name.startsWith("drover_guard_host_condition"))), {
      drover_guard_leader: 1, drover_guard_guests: 7, drover_guard_guests_waiting: 2,
      'drover_guard_events_total{kind="host-lost"}': 1, 'drover_guard_events_total{kind="guest-restarted"}': 2,
    });
    assert.equal(samples.get('drover_guard_host_condition{host="ash",condition="alive"}'), 1);
    assert.equal(samples.get('drover_guard_host_condition{host="ash",condition="lost"}'), 0);
    assert.equal(samples.get('drover_guard_host_condition{host="birch",condition="ailing"}'), 1);
  });

  it("are of the moment at which they are asked for", async () => {
    let observed: Observed = WELL;
    const http = new GuardHttp(() => observed, STALE_SECONDS);
    const { port, close } = await http.listen("127.0.0.1", 0);
    const get = async (): Promise<Map<string, number>> => samplesIn(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    try {
      assert.equal((await get()).get("drover_guard_leader"), 1);
      observed = { ...WELL, leads: false, conditions: new Map([["ash", "lost"]]) };
      const now = await get();
      assert.equal(now.get("drover_guard_leader"), 0);
      assert.equal(now.get('drover_guard_host_condition{host="ash",condition="alive"}'), 0);
      assert.equal(now.get('drover_guard_host_condition{host="ash",condition="lost"}'), 1);
      assert.ok(![...now.keys()].some((name) => name.includes('host="birch"')), "a host that left the cluster is in none of them");
    } finally {
      await close();
    }
  });
});

describe("/health of a guard", () => {
  it("is well while it looks at its hosts", async () => {
    assert.deepEqual(await ask("/health"), { status: 200, type: "text/plain", body: "it looked at all hosts 0.4 s ago\n" });
  });

  it("is 503 once it looks no more", async () => {
    const { status, body } = await ask("/health", { idleSeconds: 5.5 });
    assert.equal(status, 503);
    assert.match(body, /5\.5 s ago/);
  });

  it("is well without the record, and without an office: a restart would help nobody", async () => {
    assert.equal((await ask("/health", { hasRecord: false, leads: false })).status, 200);
  });
});

describe("/ready of a guard", () => {
  it("is well once it has seen every host, and the record answers", async () => {
    assert.deepEqual(await ask("/ready"), { status: 200, type: "text/plain", body: "ready\n" });
  });

  for (const [what, observed, words] of [
    ["the record is silent", { hasRecord: false }, /the record does not answer/],
    ["a host has not answered yet", { conditions: new Map([["ash", "alive"], ["birch", "unseen"]]) }, /not seen yet: birch/],
    ["it knows no host", { conditions: new Map() }, /it has looked at no host yet/],
  ] as const satisfies readonly (readonly [string, Partial<Observed>, RegExp])[]) {
    it(`is 503 while ${what}`, async () => {
      const { status, body } = await ask("/ready", observed);
      assert.equal(status, 503);
      assert.match(body, words);
    });
  }
});

describe("a guard's port", () => {
  it("has nothing else, and says what there is", async () => {
    const { status, body } = await ask("/");
    assert.equal(status, 404);
    assert.match(body, /\/metrics, \/health and \/ready/);
  });

  it("is asked for anew where it is taken", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    try {
      await assert.rejects(new GuardHttp(() => WELL, STALE_SECONDS).listen("127.0.0.1", port), new RegExp(`127\\.0\\.0\\.1:${port}.*--http`, "s"));
    } finally {
      other.close();
    }
  });
});
