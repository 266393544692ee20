import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { kind } from "../support/kinds.js";
import { assertPaired } from "../support/killing.js";
import { deleteAll, forget, useStorage } from "./storage.js";

const site = useStorage({ own: true, hosts: 1 });
const images = kind("Image");
const MIB = 1024 * 1024;

test("an upload whose host loses its network is an error in time, and the next run after the heal finishes it and leaves nothing else", async () => {
  const ash = site.lab.host("ash");
  const path = `/srv/${site.lab.name("cut")}`;
  await ash.check(["mkdir", "-p", path]);
  const host = await site.host("ash");
  const { ref: pool, parts } = await site.pool(site.lab.name("cut"), [host], { path, shared: false });
  const content = Buffer.concat([Buffer.alloc(MIB), randomBytes(7 * MIB)]);
  const sha256 = createHash("sha256").update(content).digest("hex");
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.setHeader("content-length", content.length);
    response.write(content.subarray(0, 2 * MIB), () => {
      const rest = (): void => { response.end(content.subarray(2 * MIB)); };
      if (requests > 1) rest();
      else void site.lab.break("ash", "network").then(rest);
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const create = () => images.create("cut", { pool, source: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cut.raw`, sha256 });
  const files = async (): Promise<string[]> => (await ash.check(["ls", path])).split("\n").filter((file) => file.startsWith("cut-"));
  try {
    const startMs = performance.now();
    await assert.rejects(create(), (error: Error) => {
      assert.match(error.message, / on ash: the connection to libvirt was lost.*\n.*next: /s);
      return true;
    });
    const seconds = (performance.now() - startMs) / 1000;
    assert.ok(seconds < 90, `it took ${seconds} s`);
    assert.equal((await files()).length, 2, "what came so far is there, with the sidecar that says it is being written");
    await site.lab.heal("ash");
    await forget();
    const image = await create();
    assert.equal((await ash.check(["sha256sum", `${path}/${String(image.outputs["volume"])}`])).slice(0, 64), sha256);
    assertPaired(await files());
    assert.equal((await files()).length, 2);
    await images.delete(image);
    assert.deepEqual(await files(), []);
    await deleteAll("HostStoragePool", parts);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
