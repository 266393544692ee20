import { randomFillSync } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostConnection, StoragePoolRef, StorageVolRef } from "../provider/libvirt/index.js";
import { StorageVolDeleteFlags } from "../provider/libvirt/index.js";
import { BenchHost } from "./lab-host.js";
import { report, summarize, type Bench } from "./report.js";

const SIZE_BYTES = 1024 ** 3;
const POOL = "bench-upload";
/** A folder that only the host's own mounts show. */
const POOL_PATH = "/var/lib/libvirt/bench-upload";
const ROUNDS = 4;

/** Speed of an upload by ssh, of our client and of virsh, for the same file of random bytes and so without holes. */
export const upload: Bench = {
  name: "upload",
  summary: "MB a second of a 1 GiB image by ssh, against virsh vol-upload by ssh",
  run: () => BenchHost.use(async (host) => {
    const folder = await mkdtemp(join(tmpdir(), "drover-bench-"));
    try {
      const path = join(folder, "image");
      await writeRandom(path);
      const hasVirsh = await BenchHost.hasVirsh();
      if (!hasVirsh) console.error("virsh is not installed: no peer is measured");
      await host.withConnection("ssh", (connection) => withVolume(connection, async (vol) => {
        // In turns, the best of each: what else the machine does hits both alike.
        const ours: number[] = [];
        const peer: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          ours.push(await megabytesPerSecond(() => uploadFile(connection, vol, path)));
          if (hasVirsh) peer.push(await megabytesPerSecond(() => host.virsh("ssh", "vol-upload", "--pool", POOL, vol.name, path)));
        }
        const best = Math.max(...ours);
        const peerBest = peer.length === 0 ? null : Math.max(...peer);
        report({
          bench: "upload", figure: "1 GiB by ssh", unit: "MB/s", ours: best, peer: peerBest, peerName: peerBest === null ? null : "virsh vol-upload",
          goal: { of: "ratio", relation: "≥", value: 1.3 },
        });
        summarize(`upload: ${Math.round(best)} MB/s by ssh${peerBest === null ? "" : `, virsh ${Math.round(peerBest)} MB/s`}`);
      }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }),
};

async function uploadFile(connection: HostConnection, vol: StorageVolRef, path: string): Promise<void> {
  const file = await open(path);
  try {
    await connection.upload(vol, file);
  } finally {
    await file.close();
  }
}

async function megabytesPerSecond(transfer: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await transfer();
  return SIZE_BYTES / 1e6 / ((performance.now() - start) / 1_000);
}

async function writeRandom(path: string): Promise<void> {
  const file = await open(path, "w");
  try {
    const block = Buffer.alloc(16 * 1024 * 1024);
    for (let written = 0; written < SIZE_BYTES; written += block.length) await file.write(randomFillSync(block));
  } finally {
    await file.close();
  }
}

async function withVolume(connection: HostConnection, task: (vol: StorageVolRef) => Promise<void>): Promise<void> {
  const { pool } = await connection.storagePoolDefineXML({ xml: `<pool type="dir"><name>${POOL}</name><target><path>${POOL_PATH}</path></target></pool>`, flags: 0 });
  await connection.storagePoolBuild({ pool, flags: 0 });
  await connection.storagePoolCreate({ pool, flags: 0 });
  try {
    const { vol } = await connection.storageVolCreateXML({
      pool, flags: 0, xml: `<volume><name>image</name><capacity>${SIZE_BYTES}</capacity><allocation>0</allocation><target><format type="raw"/></target></volume>`,
    });
    try {
      await task(vol);
    } finally {
      await connection.storageVolDelete({ vol, flags: StorageVolDeleteFlags.NORMAL });
    }
  } finally {
    await removePool(connection, pool);
  }
}

async function removePool(connection: HostConnection, pool: StoragePoolRef): Promise<void> {
  await connection.storagePoolDestroy({ pool });
  await connection.storagePoolDelete({ pool, flags: 0 });
  await connection.storagePoolUndefine({ pool });
}
