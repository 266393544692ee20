import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, it } from "node:test";
import type { MigrationPolicy } from "../../../provider/apply/migrate/ladder.js";
import { completedStats, watchMove, type WatchedMove } from "../../../provider/apply/migrate/watch.js";
import type { Clock } from "../../../provider/base/clock.js";
import { silentLog } from "../../../provider/base/log.js";
import { DomainJobType, DomainState, ErrorCode, ErrorDomain, LibvirtError, param, type TypedParam } from "../../../provider/libvirt/index.js";

const MIB = 2 ** 20;
const refusal = new LibvirtError("domainMigrateStartPostCopy", "ash", { code: ErrorCode.OPERATION_INVALID, domain: ErrorDomain.QEMU, message: "not now", level: 2, dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null });

/** Each look is a round in which the guest wrote as much as was sent. */
class Source {
  readonly name = "ash";
  readonly calls: string[] = [];
  readonly done = new AbortController();
  /** Time passes only where it is slept. */
  nowMs = 0;
  rounds = 0;
  /** What becomes of a call, instead of success. */
  readonly failures: Record<string, (count: number) => Error | undefined> = {};

  readonly clock: Clock = { nowMs: () => this.nowMs, sleep: async (ms) => { this.nowMs += ms; await setImmediate(); } };

  readonly libvirt: WatchedMove["from"]["libvirt"] = {
    domainGetJobStats: () => {
      this.rounds += 1;
      const values = { memory_total: 128, memory_remaining: 24, memory_processed: this.rounds * 24, memory_bps: 24 };
      const params: TypedParam[] = [param("memory_iteration", { type: "ullong", value: BigInt(this.rounds) }), ...Object.entries(values).map(([field, mib]) => param(field, { type: "ullong", value: BigInt(mib * MIB) }))];
      return this.#answer("stats", { type: DomainJobType.UNBOUNDED, params });
    },
    domainGetState: () => this.#answer("state", { state: DomainState.RUNNING, reason: 0 }),
    domainMigrateSetMaxDowntime: ({ downtime }) => this.#answer(`downtime ${downtime}`, undefined),
    domainMigrateStartPostCopy: () => this.#answer("post-copy", undefined),
    domainAbortJob: async () => {
      await this.#answer("abort", undefined);
      this.done.abort();
    },
  };

  /** Changes alone. */
  get changes(): string[] {
    return this.calls.filter((call) => call !== "stats" && call !== "state");
  }

  async watch(policy: MigrationPolicy, more: Partial<WatchedMove> = {}): Promise<void> {
    const domain = { name: "web", uuid: "00000000-0000-4000-8000-000000000000", id: 1 };
    await watchMove({ name: "web", from: this, to: { name: "birch" }, domain, target: undefined, policy, signal: new AbortController().signal, log: silentLog, clock: this.clock, onProgress: () => {}, ...more }, this.done.signal);
  }

  async #answer<T>(call: string, answer: T): Promise<T> {
    this.calls.push(call);
    const failure = this.failures[call]?.(this.calls.filter((each) => each === call).length);
    await setImmediate();
    if (failure !== undefined) throw failure;
    return answer;
  }
}

describe("a move that comes to post-copy", () => {
  it("is ended where libvirt goes on refusing it", async () => {
    const source = new Source();
    source.failures["post-copy"] = () => refusal;
    await assert.rejects(source.watch("post-copy"), /move web to birch on ash: .* post-copy is refused: not now .*another migration policy than "post-copy"/s);
    assert.deepEqual(source.changes, ["downtime 100", "downtime 150", "downtime 200", ...Array.from({ length: 10 }, () => "post-copy"), "abort"]);
  });

  it("tries again where it was refused, and is not ended any more once it has begun", async () => {
    const source = new Source();
    const interruption = new AbortController();
    source.failures["post-copy"] = (count) => (count < 3 ? refusal : undefined);
    const watching = source.watch("post-copy", { signal: interruption.signal, onProgress: () => {
      if (source.changes.filter((call) => call === "post-copy").length === 3) interruption.abort();
      if (source.rounds === 40) source.done.abort();
    } });
    await watching;
    assert.deepEqual(source.changes, ["downtime 100", "downtime 150", "downtime 200", "post-copy", "post-copy", "post-copy"]);
  });

  it("is ended by an interruption while it is refused", async () => {
    const source = new Source();
    const interruption = new AbortController();
    source.failures["post-copy"] = () => {
      interruption.abort();
      return refusal;
    };
    await assert.rejects(source.watch("post-copy", { signal: interruption.signal }), /it was interrupted/);
    assert.deepEqual(source.changes.slice(-2), ["post-copy", "abort"]);
  });
});

describe("a move whose source cannot be asked", () => {
  const lost = new Error("the connection was lost");

  it("is watched on where that passes", async () => {
    const source = new Source();
    source.failures["stats"] = (count) => (count > 3 && count < 100 ? lost : undefined);
    source.failures["downtime 150"] = () => lost;
    await assert.rejects(source.watch("minimal-downtime"), /as fast as it can be sent/);
    assert.deepEqual(source.changes, [100, 150, 200, 300, 400, 500].map((ms) => `downtime ${ms}`).concat("abort"));
  });

  it("is ended where it does not, at the target where the source cannot be told either", async () => {
    const source = new Source();
    for (const call of ["stats", "abort"]) source.failures[call] = (count) => (count > 3 || call === "abort" ? lost : undefined);
    const target = { domainIsActive: () => Promise.resolve({ active: 1 }), close: () => { source.calls.push("close"); source.done.abort(); return Promise.resolve(); } };
    await assert.rejects(source.watch("minimal-downtime", { target }), /it could not be watched for 30 s: the connection was lost/);
    assert.deepEqual(source.changes.slice(-2), ["abort", "close"]);
    assert.ok(source.nowMs > 30_000, String(source.nowMs));
  });

  it("is not ended where nobody knows whether it has come to post-copy", async () => {
    const source = new Source();
    source.failures["post-copy"] = () => lost;
    source.failures["stats"] = () => (source.calls.includes("post-copy") ? lost : undefined);
    const watching = source.watch("post-copy");
    while (source.nowMs < 100_000) await setImmediate();
    source.done.abort();
    await watching;
    assert.deepEqual(source.changes.slice(-1), ["post-copy"]);
  });
});

describe("what a move took", () => {
  it("is left out where nobody can be asked any more, and the move counts all the same", async () => {
    const libvirt = { domainGetJobStats: () => Promise.reject(new Error("the connection was lost")) };
    assert.deepEqual(await completedStats({ name: "birch", libvirt }, { name: "web", uuid: "", id: 1 }, silentLog), { transferredMiB: 0 });
  });
});
