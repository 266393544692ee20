import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { CheckFailed, kind, told } from "../support/kinds.js";
import { deleteAll, forget, sha256Of, useStorage } from "./storage.js";
import type { PoolRef } from "../../../provider/schema/index.js";

const site = useStorage();
const images = kind("Image");
const MIB = 1024 * 1024;

/** A pool of ash alone, for the length of a test; it must be empty at the end. */
async function withPool(base: string, run: (pool: PoolRef) => Promise<void>, mount = false): Promise<void> {
  const path = `/srv/${site.lab.name(base)}`;
  const ash = site.lab.host("ash");
  await ash.check(["mkdir", "-p", path]);
  if (mount) await ash.check(["mount", "-t", "tmpfs", "-o", "size=8M", "none", path]);
  const { ref, parts } = await site.pool(site.lab.name(base), [await site.host("ash")], { path, shared: false });
  await run(ref);
  await forget();
  await deleteAll("HostStoragePool", parts);
  if (mount) await ash.check(["umount", path]);
}

/** A web server on loopback, for the length of a test. */
async function withServer(answer: RequestListener, run: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/image.qcow2`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A local file of the test's own. */
async function withFile(base: string, content: Uint8Array, run: (path: string) => Promise<void>): Promise<void> {
  const path = join(site.lab.lab.directory, site.lab.name(base));
  await writeFile(path, content);
  try {
    await run(path);
  } finally {
    await rm(path, { force: true });
  }
}

function rawImage(text: string, size = 4 * MIB): Buffer {
  const content = Buffer.alloc(size);
  content.write(text, 1024);
  return content;
}

function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

async function filesOf(pool: PoolRef): Promise<string[]> {
  return (await site.lab.host("ash").check(["ls", "-A", pool.path])).split("\n").filter((name) => name !== "" && name !== "drover-pool.json");
}

test("a local qcow2 file is uploaded with its digest, read again, and deleted", async () => {
  await withPool("local", async (pool) => {
    const source = site.lab.lab.images.tiny;
    let image = await images.create("tiny", { pool, source });
    assert.equal(image.outputs["sha256"], await sha256Of(source));
    assert.equal(image.outputs["format"], "qcow2");
    const volume = String(image.outputs["volume"]);
    assert.equal((await site.lab.host("ash").check(["sha256sum", `${pool.path}/${volume}`])).slice(0, 64), await sha256Of(source));
    assert.deepEqual((await filesOf(pool)).map((name) => name.replace(/\.[0-9a-f-]{36}\.[0-9a-f]{8}\.drover$/, " and its sidecar")), [volume, `${volume} and its sidecar`]);
    assert.equal((await images.preview(image, { pool, source })).changes, false);
    image = (await images.refresh(image)) ?? image;
    assert.equal((await images.preview(image, { pool, source })).changes, false);
    await forget();
    const words = await told(async () => { assert.equal((await images.create("tiny", { pool, source })).id, image.id); });
    assert.doesNotMatch(words, /uploading/, "what is there is not uploaded again");
    await images.delete(image);
    assert.deepEqual(await filesOf(pool), []);
    assert.equal(await images.refresh(image), undefined);
  });
});

test("an image from a web server is streamed, with its length unknown too, and is sparse", async () => {
  await withPool("web", async (pool) => {
    const content = rawImage("data", 64 * MIB);
    const sha256 = digest(content);
    await withServer((request, response) => {
      if (request.url?.endsWith("chunked") !== true) response.setHeader("content-length", content.length);
      response.end(content);
    }, async (url) => {
      for (const [name, source] of [["known", url], ["chunked", `${url}?chunked`]] as const) {
        const image = await images.create(name, { pool, source, sha256 });
        assert.equal(image.outputs["format"], "raw");
        assert.equal(image.outputs["virtualSize"], "64 MiB");
        const [size, blocks] = (await site.lab.host("ash").check(["stat", "-c", "%s %b", `${pool.path}/${String(image.outputs["volume"])}`])).split(" ").map(Number);
        assert.equal(size, content.length);
        assert.ok((blocks ?? Number.POSITIVE_INFINITY) * 512 < MIB, `${blocks ?? ""} blocks are taken`);
        await images.delete(image);
      }
    });
  });
});

test("a URL needs its sha256; a local file has to be there", async () => {
  await withPool("check", async (pool) => {
    await assert.rejects(images.create("url", { pool, source: "http://127.0.0.1/x" }), new CheckFailed("sha256: is missing: the content of a URL is verified before its first use"));
    await assert.rejects(images.create("file", { pool, source: "/nowhere/x.qcow2" }), /source: could not read the image \/nowhere\/x.qcow2: .*no such file[\s\S]*next: give the path/);
  });
});

test("a wrong checksum, a web page, a refusal and a server that breaks off leave nothing", async () => {
  await withPool("wrong", async (pool) => {
    const content = rawImage("data");
    const sha256 = digest(content);
    const create = (source: string, sum = sha256) => images.create("wrong", { pool, source, sha256: sum });
    await withServer((request, response) => {
      if (request.headers.authorization === `Basic ${Buffer.from("user:secret").toString("base64")}`) response.end(content);
      else response.writeHead(401).end();
    }, async (url) => {
      await assert.rejects(create(url.replace("//", "//user:secret@"), "0".repeat(64)), (error: Error) => {
        assert.match(error.message, new RegExp(`its SHA-256 is ${sha256}, not 0000[\\s\\S]*next: check the source`));
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    });
    assert.deepEqual(await filesOf(pool), []);
    await withServer((_request, response) => { response.end("<!DOCTYPE html><html><body>Please log in</body></html>"); }, async (url) => {
      await assert.rejects(create(url), /could not use .* as an image: .*next: give a qcow2 or raw disk image/s);
    });
    await withServer((_request, response) => { response.writeHead(404).end(); }, async (url) => {
      await assert.rejects(create(url), /the server answered 404 Not Found[\s\S]*next: check the URL/);
    });
    await withServer((_request, response) => {
      response.setHeader("content-length", content.length);
      response.write(content.subarray(0, MIB), () => { response.destroy(); });
    }, async (url) => {
      await assert.rejects(create(url), /the server broke off: [\s\S]*next: run again/);
    });
    await assert.rejects(create("http://127.0.0.1:9/x"), /could not download http:\/\/127.0.0.1:9\/x: .*[\s\S]*next: check the URL/);
    assert.deepEqual(await filesOf(pool), []);
    await withServer((_request, response) => { response.end(content); }, async (url) => {
      await images.delete(await create(url));
    });
  });
});

test("a full pool is libvirt's own word, and nothing is left in it", async () => {
  await withPool("full", async (pool) => {
    await withFile("full.raw", Buffer.alloc(16 * MIB, "x"), async (source) => {
      await assert.rejects(images.create("full", { pool, source }), /No space left on device/i);
      assert.deepEqual(await filesOf(pool), []);
    });
    await withFile("small.raw", rawImage("small"), async (source) => { await images.delete(await images.create("full", { pool, source })); });
  }, true);
});

test("a new source is a new volume: disks keep theirs, which goes when nothing rests on it", async () => {
  await withPool("renewed", async (pool) => {
    const disks = kind("Disk");
    await withFile("image.raw", rawImage("one"), async (source) => {
      let image = await images.create("base", { pool, source });
      const first = String(image.outputs["volume"]);
      const refOf = () => ({ volume: image.outputs["volume"], format: "raw", virtualSize: image.outputs["virtualSize"], pool });
      const disk = await disks.create("layer", { pool, image: refOf() });
      await assert.rejects(images.delete(image), /these volumes rest on it: .*layer\.qcow2[\s\S]*next: delete those disks first/);

      await writeFile(source, rawImage("two", 8 * MIB));
      image = await images.up(image, { pool, source });
      assert.notEqual(image.outputs["volume"], first);
      assert.deepEqual(image.outputs["retained"], [first]);
      assert.equal((await disks.preview(disk, { pool, image: refOf() })).changes, false);
      assert.match(await site.lab.host("ash").check(["qemu-img", "info", "-U", `${pool.path}/layer.qcow2`]), new RegExp(`backing file: .*${first}`));

      await disks.delete(disk);
      await writeFile(source, rawImage("three"));
      image = await images.up(image, { pool, source });
      assert.deepEqual(image.outputs["retained"], []);
      assert.equal((await filesOf(pool)).length, 2);
      await images.delete(image);
    });
  });
});

test("in a pool that hosts do not share the image lies on each, and leaves a host that is taken out", async () => {
  const path = `/srv/${site.lab.name("each")}`;
  const hosts = await site.hosts("ash", "birch");
  const { ref: pool, parts } = await site.pool(site.lab.name("each"), hosts, { path, shared: false });
  const source = site.lab.lab.images.tiny;
  const image = await images.create("each", { pool, source });
  const volume = String(image.outputs["volume"]);
  for (const host of ["ash", "birch"]) assert.match(await site.lab.host(host).check(["ls", path]), new RegExp(volume));
  await site.lab.host("birch").check(["sh", "-c", `rm ${path}/${volume}*`]);
  await forget();
  assert.equal(await images.refresh(image), undefined, "an image that one of its hosts lacks is made again");
  const whole = await images.create("each", { pool, source });
  const less = await images.up(whole, { pool: { ...pool, hosts: hosts.slice(0, 1) }, source });
  assert.equal(await site.lab.host("birch").check(["ls", path]), "drover-pool.json\n");
  await images.delete(less);
  await deleteAll("HostStoragePool", parts);
});

test("somebody's volume of the same name is not touched", async () => {
  await withPool("taken", async (pool) => {
    const source = site.lab.lab.images.tiny;
    const file = `${pool.path}/taken-${(await sha256Of(source)).slice(0, 12)}.img`;
    await site.lab.host("ash").check(["sh", "-c", `echo mine > ${file}`]);
    await assert.rejects(images.create("taken", { pool, source }), /there is a volume of that name that Drover did not make/);
    assert.equal(await site.lab.host("ash").check(["cat", file]), "mine\n");
    await site.lab.host("ash").check(["rm", file]);
    assert.deepEqual(await filesOf(pool), []);
  });
});

test("an upload whose connection breaks is an error, and the next run finishes it", async () => {
  await withPool("cut", async (pool) => {
    const content = rawImage("cut");
    const ash = site.lab.host("ash");
    let connections = 0;
    await withServer((_request, response) => {
      connections += 1;
      response.setHeader("content-length", content.length);
      response.write(content.subarray(0, 2 * MIB), () => {
        if (connections > 1) response.end(content.subarray(2 * MIB));
        // What a lost network does to sshd's sessions, at once.
        else void ash.exec(["pkill", "-f", "^sshd: root"]).then(() => { response.end(content.subarray(2 * MIB)); });
      });
    }, async (source) => {
      const create = () => images.create("cut", { pool, source, sha256: digest(content) });
      await assert.rejects(create(), /lost|closed|ended/);
      await forget();
      const image = await create();
      assert.equal((await ash.check(["sha256sum", `${pool.path}/${String(image.outputs["volume"])}`])).slice(0, 64), digest(content));
      assert.equal((await filesOf(pool)).length, 2);
      await images.delete(image);
    });
  });
});
