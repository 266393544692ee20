import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import type { Properties } from "../../provider/engine/wire.js";
import { InitFailed, ProviderProcess, resource } from "../support/provider-process.js";
import { writeToyPackage } from "./support/toy-package.js";

let folder: string;
let provider: ProviderProcess;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "drover-toy-"));
  await writeToyPackage(folder);
  provider = await ProviderProcess.start({ folder });
});

after(async () => {
  await provider.stop();
  await rm(folder, { recursive: true });
});

async function checked(uri: string, name = "toy", on = provider): Promise<Properties> {
  const { inputs, failures } = await on.check({}, resource("Host", name, { uri }));
  assert.deepEqual(failures, []);
  return inputs;
}

/** State of a resource that was made as `toy:plain`, whose handler from now on does as another `uri` says. */
async function stateThat(uri: string): Promise<Properties> {
  return { ...(await provider.create(await checked("toy:plain"))).properties, uri };
}

/** Waits until a process has printed a text: its output takes another way than its answers. */
async function printed(by: ProviderProcess, from: number, text: string): Promise<void> {
  const untilMs = performance.now() + 20_000;
  while (!by.output.slice(from).includes(text)) {
    assert.ok(performance.now() < untilMs, `it printed only: ${by.output.slice(from)}`);
    await delay(20);
  }
}

describe("what a handler returns", () => {
  it("comes back with its inputs, and with what Pulumi and we keep in the state", async () => {
    const inputs = await checked("toy:plain");
    const { id, properties } = await provider.create(inputs);
    assert.equal(id, "id-of-toy");
    assert.match(String(properties["__provider"]), /provide\("Host"\)$/);
    assert.deepEqual(properties, { ...inputs, hostname: "toy", __droverVersion: 1 });
  });

  it("crosses the wire though it has no form there: undefined, bigint, Date and Map", async () => {
    const { properties } = await provider.create(await checked("toy:odd"));
    assert.deepEqual([properties["memory"], properties["libvirtVersion"], properties["cpu"]], [5, "1970-01-01T00:00:00.000Z", { model: "toy" }]);
    assert.equal("hostname" in properties, false);
  });

  it("is refused by its path where the state can not hold it", async () => {
    await assert.rejects(provider.create(await checked("toy:nan")), /cpu\.count is NaN, which Pulumi's state cannot hold/);
  });

  it("keeps the key of its creation through an update under another name", async () => {
    const state = await stateThat("toy:plain");
    const renamed = (await provider.check(state, resource("Host", "renamed", { uri: "toy:plain" }))).inputs;
    assert.notEqual(renamed["__droverKey"], state["__droverKey"]);
    const updated = await provider.update("id", state, renamed);
    assert.deepEqual([updated["__droverKey"], updated["libvirtVersion"], updated["__droverName"]], [state["__droverKey"], state["__droverKey"], "renamed"]);
  });
});

describe("what a handler throws", () => {
  it("saves nothing when it is a plain error, whatever else the error carries", async () => {
    await assert.rejects(provider.create(await checked("toy:fails")), (error: Error) => !(error instanceof InitFailed) && /the toy broke$/.test(error.message));
  });

  it("is the text alone to the engine: its code is no gRPC status, and no stack trace is printed", async () => {
    const state = await stateThat("toy:fails");
    const seen = provider.output.length;
    for (const call of [() => provider.read("id", state), () => provider.delete("id", state)]) {
      await assert.rejects(call, (error: Error & { code?: number; details?: string }) => error.code === status.UNKNOWN && error.details === "the toy broke");
    }
    await printed(provider, seen, "toy: the toy broke\ntoy: the toy broke\n");
    assert.doesNotMatch(provider.output.slice(seen), /Error|\n +at /);
  });

  it("says where it arose when it is a mistake in the code", async () => {
    const seen = provider.output.length;
    await assert.rejects(provider.delete("id", await stateThat("toy:mistake")), /undefined is not a toy/);
    await printed(provider, seen, "\n    at ");
    assert.match(provider.output.slice(seen), /TypeError: undefined is not a toy\n +at /);
  });

  it("keeps id, inputs and outputs when something was made, in create and in update", async () => {
    const inputs = await checked("toy:half");
    const kept = { ...inputs, hostname: "half", __droverVersion: 1 };
    for (const call of [() => provider.create(inputs), async () => provider.update("toy-half", await stateThat("toy:plain"), inputs)]) {
      await assert.rejects(call, (error: unknown) => {
        assert.ok(error instanceof InitFailed, String(error));
        assert.deepEqual([error.id, error.reasons, error.properties], ["toy-half", ["the toy is half made"], kept]);
        return true;
      });
    }
  });
});

describe("read", () => {
  it("tells by an empty id that the resource is gone", async () => {
    assert.equal((await provider.read("id", await stateThat("toy:gone"))).id, "");
  });

  it("returns inputs too, or drift shows no rows", async () => {
    const state = await stateThat("toy:drifted");
    const { properties, inputs } = await provider.read("id", state);
    assert.ok(inputs !== undefined);
    assert.deepEqual([inputs["connectTimeoutSeconds"], properties["connectTimeoutSeconds"]], [99, 99]);
    assert.equal(inputs["__provider"], state["__provider"]);
    const program = (await provider.check(inputs, resource("Host", "toy", { uri: "toy:drifted" }))).inputs;
    assert.equal((await provider.diff("id", properties, program)).changes, true, "the next up puts it right");
  });
});

describe("check", () => {
  it("names no property to the engine, which prints the value of one that it is named", async () => {
    assert.deepEqual((await provider.check({}, resource("Host", "toy", { uri: "toy:refused" }))).failures, [{ property: "", reason: "uri: is refused" }]);
    assert.deepEqual((await provider.check({}, resource("Host", "toy", { uri: "x", ssh: "hunter2" }))).failures, [{ property: "", reason: "ssh: expected an object, got text" }]);
  });
});

describe("an interrupted process", () => {
  it("ends at once when nothing is under way: the engine waits for it at the end of each run", async () => {
    const idle = await ProviderProcess.start({ folder });
    await checked("toy:plain", "toy", idle);
    const startMs = performance.now();
    idle.interrupt();
    assert.equal(await idle.exited, 0);
    assert.ok(performance.now() - startMs < 2_000);
    await idle.stop();
  });

  it("first lets what is under way undo itself and answer", async () => {
    const busy = await ProviderProcess.start({ folder });
    const inputs = await checked("toy:slow", "toy", busy);
    const creation = assert.rejects(busy.create(inputs), /cancelled by the operator/);
    await printed(busy, 0, "makes");
    busy.interrupt();
    await creation;
    assert.equal(await busy.exited, 0);
    await busy.stop();
  });
});

describe("a run that the operator cancels", () => {
  it("lets what is under way undo itself and answer, and the process wait for the end of the run", async () => {
    const busy = await ProviderProcess.start({ folder });
    const inputs = await checked("toy:slow", "toy", busy);
    const creation = assert.rejects(busy.create(inputs), /cancelled by the operator/);
    await printed(busy, 0, "makes");
    await busy.cancel();
    await creation;
    const made = await busy.create(await checked("toy:plain", "late", busy));
    assert.equal(made.id, "id-of-late", "what the engine still asks is answered");
    busy.interrupt();
    assert.equal(await busy.exited, 0);
    await busy.stop();
  });
});

describe("lines for the operator", () => {
  const lines = "toy: makes pulumi-nodejs:dynamic/drover:Host::toy\ntoy: it is told\nwarning: toy: it is warned\nerror: toy: it is an error\n";

  it("are on standard error, in order, where the engine is not to be found", async () => {
    const seen = provider.output.length;
    await provider.create(await checked("toy:says"));
    await printed(provider, seen, lines);
  });

  it("wait for an engine that does not answer, once and no longer than two seconds", async () => {
    const sockets: Socket[] = [];
    const engine = createServer((socket) => { sockets.push(socket.on("error", () => {})); });
    await new Promise<void>((resolve) => { engine.listen(0, "127.0.0.1", resolve); });
    const mute = await ProviderProcess.start({ folder, engine: `127.0.0.1:${(engine.address() as AddressInfo).port}` });
    try {
      const inputs = await checked("toy:says", "toy", mute);
      const startMs = performance.now();
      await mute.create(inputs);
      assert.ok(performance.now() - startMs < 4_000, `${performance.now() - startMs} ms`);
      assert.equal(sockets.length > 0, true);
      await printed(mute, 0, lines);
      mute.interrupt();
      assert.equal(await mute.exited, 0);
    } finally {
      await mute.stop();
      for (const socket of sockets) socket.destroy();
      engine.close();
    }
  });
});

describe("calls", () => {
  it("run side by side: twenty that wait take as long as one", async () => {
    const crowd = await ProviderProcess.start({ folder });
    const inputs = await Promise.all(Array.from({ length: 20 }, (_, index) => checked("toy:slow", `toy-${index}`, crowd)));
    const creations = inputs.map((each) => assert.rejects(crowd.create(each), /cancelled/));
    await Promise.all(inputs.map((each) => printed(crowd, 0, `makes ${String(each["__droverKey"])}\n`)));
    crowd.interrupt();
    await Promise.all(creations);
    await crowd.stop();
  });
});
