/** Hooks of a guard: a real shell and a real HTTP server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { GuardEvent } from "../../../provider/guard/index.js";
import { Hooks } from "../../../provider/guard/index.js";

const refuse = (text: string): void => { assert.fail(text); };
const event = (kind: GuardEvent["kind"], host: string): GuardEvent => ({ at: "2026-01-01T00:00:00Z", guard: "one", kind, host, text: "it's so" });

describe("hooks of a guard", () => {
  let folder: string;
  let server: Server;
  let url: string;
  const posted: unknown[] = [];
  let refusals = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "drover-hooks-"));
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => { body += part.toString(); });
      request.on("end", () => {
        refusals -= 1;
        if (refusals < 0) posted.push(JSON.parse(body));
        response.writeHead(refusals < 0 ? 200 : 503).end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cret`;
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it("tell what a person should know, in its order, and nothing else", async () => {
    const file = join(folder, "told");
    const failed: string[] = [];
    const hooks = new Hooks({ command: `{ printf '%s ' "$DROVER_EVENT_KIND" "$DROVER_EVENT_HOST"; cat; } >> ${file}`, url }, (text) => { failed.push(text); });
    hooks.tell(event("host-lost", "ash"));
    hooks.tell(event("host-suspect", "ash"));
    hooks.tell(event("fence-confirmed", "ash"));
    await hooks.close();
    const expected = [event("host-lost", "ash"), event("fence-confirmed", "ash")];
    assert.deepEqual((await readFile(file, "utf8")).trim().split("\n"), expected.map((each) => `${each.kind} ash ${JSON.stringify(each)}`));
    assert.deepEqual([posted, failed], [expected, []]);
  });

  it("tell only the kinds that were asked for", async () => {
    posted.length = 0;
    const hooks = new Hooks({ url, kinds: new Set(["leader"] as const) }, refuse);
    hooks.tell(event("host-lost", "ash"));
    hooks.tell(event("leader", "ash"));
    await hooks.close();
    assert.deepEqual(posted, [event("leader", "ash")]);
  });

  it("are tried again", async () => {
    posted.length = 0;
    refusals = 2;
    const hooks = new Hooks({ url }, refuse);
    hooks.tell(event("host-lost", "birch"));
    await hooks.close();
    assert.deepEqual(posted, [event("host-lost", "birch")]);
  });

  it("that fail are told once for each event, without the URL and the command, and hold nobody up", async () => {
    const failed: string[] = [];
    refusals = 100;
    const hooks = new Hooks({ command: "echo no such list >&2; exit 3 # s3cret", url }, (text) => { failed.push(text); });
    const startMs = performance.now();
    hooks.tell(event("host-lost", "ash"));
    assert.ok(performance.now() - startMs < 200, "it returned at once");
    await hooks.close();
    refusals = 0;
    assert.deepEqual(failed.map((text) => text.replace(/127.*:\d+/, "server")).sort(), ["server was not told host-lost ash: it answered 503", "the command was not told host-lost ash: exit code 3: no such list"]);
  });

  it("that hang are ended, and what there is no room for is left out, and said", async () => {
    const failed: string[] = [];
    const hooks = new Hooks({ command: "sleep 600; true", timeoutSeconds: 0.1 }, (text) => { failed.push(text); });
    for (let index = 0; index < 201; index += 1) hooks.tell(event("host-lost", `h${index}`));
    assert.deepEqual(failed, ["the command is behind by 200 events: host-lost h200 is left out"]);
    await hooks.close();
    assert.match(failed[1] ?? "", /the command was not told host-lost h0: no end within 0.1 s|not all was told/);
  });
});
