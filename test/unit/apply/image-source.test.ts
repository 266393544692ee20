import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openImage } from "../../../provider/apply/image-source.js";

test("a download that waits before it is read is whole, though memory is cleaned up meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const server = createServer((_request, response) => { response.end(Buffer.alloc(4 * 1024 ** 2, 1)); }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const { content } = await openImage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/image`, new AbortController().signal);
    for (let round = 0; round < 5; round += 1) {
      await delay(5);
      collectGarbage();
    }
    let length = 0;
    for await (const piece of content) length += piece.length;
    assert.equal(length, 4 * 1024 ** 2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
