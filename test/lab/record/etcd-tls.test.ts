/** A record in an etcd that knows its clients by certificates and passwords, as one outside of a laboratory does. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startEtcd, type LabEtcd } from "../../../lab/etcd.js";
import { authority, certificate } from "../../../lab/identity.js";
import { runAny } from "../../../lab/run.js";
import { openRecord, type EtcdConfig } from "../../../provider/record/config.js";
import { EtcdGateway } from "../../../provider/record/etcd-gateway.js";
import { held } from "../../support/record-contract.js";

const installed = (await runAny(["/bin/sh", "-c", "command -v etcd"])).code === 0;
const PASSWORD = "no-word-of-any-log";

describe("a record in an etcd with certificates and users", { skip: installed ? false : "etcd-server is not installed" }, () => {
  let folder: string;
  let etcd: LabEtcd;
  let config: EtcdConfig;
  const pem = (path: string): Promise<string> => readFile(join(folder, path), "utf8");

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "drover-etcd-tls-"));
    for (const name of ["ours", "others"]) {
      await mkdir(join(folder, name));
      await authority(join(folder, name));
      await certificate(join(folder, name), join(folder, name), "client", "clientAuth", undefined, "/O=drover");
    }
    // etcd's gateway is a client of its own server.
    await certificate(join(folder, "ours"), folder, "server", "serverAuth,clientAuth", "IP:127.0.0.1");
    await certificate(join(folder, "ours"), join(folder, "ours"), "named", "clientAuth", undefined);
    etcd = await startEtcd(join(folder, "data"), { tls: { ca: join(folder, "ours", "cacert.pem"), cert: join(folder, "servercert.pem"), key: join(folder, "serverkey.pem") } });
    const tls = { endpoints: etcd.endpoints, ca: await pem("ours/cacert.pem"), cert: await pem("ours/clientcert.pem"), key: await pem("ours/clientkey.pem") };
    const gateway = new EtcdGateway(tls);
    for (const [path, body] of [["user/add", { name: "root", password: PASSWORD }], ["role/add", { name: "root" }], ["user/grant", { user: "root", role: "root" }], ["enable", {}]] as const) {
      await gateway.call(`/v3/auth/${path}`, body, { attempted: path, untilMs: gateway.untilMs(), repeatable: false });
    }
    gateway.close();
    config = { ...tls, user: "root", password: PASSWORD };
  });
  after(async () => {
    await etcd.stop();
    await rm(folder, { recursive: true });
  });

  test("reads, writes and locks with its certificate and its password", async () => {
    const record = await openRecord({ etcd: config }, "tls");
    try {
      const hold = held(await record.acquire("leader", "we", { ttlSeconds: 5 }));
      assert.ok(await record.put("x", "1", { hold }) !== undefined);
      assert.equal((await record.get("x"))?.value, "1");
      await hold.release();
    } finally {
      await record.close();
    }
  });

  for (const [what, change, reason] of [
    ["without a certificate of ours", { cert: undefined, key: undefined }, /certificate/],
    ["with a certificate of another authority", { cert: "others/clientcert.pem", key: "others/clientkey.pem" }, /certificate|unknown ca/i],
    // etcd's gateway takes none where users are on, and says so.
    ["with a certificate that names somebody", { cert: "ours/namedcert.pem", key: "ours/namedkey.pem" }, /CommonName of client/],
    ["where another authority is trusted", { ca: "others/cacert.pem" }, /certificate/],
    ["with a wrong password", { password: "another" }, /authentication failed/],
    ["without a user", { user: undefined, password: undefined }, /permission denied/],
  ] as readonly (readonly [string, Readonly<Record<string, string | undefined>>, RegExp])[]) {
    test(`is an error in time ${what}, which tells no password`, async () => {
      const files = await Promise.all(Object.entries(change).map(async ([name, value]) => [name, value?.endsWith(".pem") === true ? await pem(value) : value] as const));
      const merged: Readonly<Record<string, unknown>> = { ...config, ...Object.fromEntries(files), timeoutSeconds: 2 };
      const wrong = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as unknown as EtcdConfig;
      const record = await openRecord({ etcd: wrong }, "tls");
      try {
        await assert.rejects(record.get("x"), (error: Error) => {
          assert.match(error.message, /could not (read x of the record|log in as root)[^]*127\.0\.0\.1/);
          assert.match(error.message, reason);
          assert.ok(!error.message.includes(PASSWORD) && !error.message.includes("another"), error.message);
          return true;
        });
      } finally {
        await record.close();
      }
    });
  }
});
