import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { it } from "node:test";
import { connectSocket } from "../../../provider/transport/socket.js";

it("a host that resets a connection to which nobody listens yet does not end the process", { timeout: 10_000 }, async () => {
  const server = createServer().listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, "connection");
  const socket = await connectSocket({ address: { host: "127.0.0.1", port }, label: "ash", timeoutMs: 5_000 });
  const [far] = await accepted as [Socket];
  far.resetAndDestroy();
  if (!socket.closed) await new Promise((resolve) => { socket.once("close", resolve); });
  assert.match(socket.errored?.message ?? "", /ECONNRESET/);
  server.close();
});
