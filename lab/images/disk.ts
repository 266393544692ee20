import { open, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run.js";

const MIB = 2 ** 20;
const SECTOR = 512;
/** The first partition begins here, as everywhere today. */
const BOOT_START = MIB;

export interface BootableDisk {
  readonly workFolder: string;
  /** The qcow2 file to be made. */
  readonly target: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
  /** The first partition (FAT, bootable) holds the kernel: at least what kernel and initrd take. */
  readonly bootMiB: number;
  /** The second partition, ext4. */
  readonly root: { readonly label: string; readonly sizeMiB: number; /** Its content. Default: empty. */ readonly folder?: string };
}

/**
 * Makes a disk that boots by itself under SeaBIOS: MBR, SYSLINUX on a FAT partition, an ext4 partition. No loop device
 * and no mount: each file system is made in the file, at its place.
 */
export async function makeBootableDisk(disk: BootableDisk): Promise<void> {
  const raw = join(disk.workFolder, "disk.raw");
  const rootStart = BOOT_START + disk.bootMiB * MIB;
  const file = await open(raw, "w+");
  try {
    await file.truncate(rootStart + disk.root.sizeMiB * MIB);
    const mbr = await open("/usr/lib/syslinux/mbr/mbr.bin");
    try {
      const code = await mbr.readFile();
      await file.write(code.subarray(0, 440), 0, undefined, 0);
    } finally {
      await mbr.close();
    }
    await file.write(partitionTable(disk.bootMiB * MIB, rootStart, disk.root.sizeMiB * MIB), 0, undefined, 446);
  } finally {
    await file.close();
  }
  const boot = `${raw}@@${String(BOOT_START)}`;
  await run(["mkfs.fat", "-F", "32", "-s", "1", "-n", "BOOT", "--offset", String(BOOT_START / SECTOR), "-h", String(BOOT_START / SECTOR), raw, String(disk.bootMiB * 1024)]);
  const config = join(disk.workFolder, "syslinux.cfg");
  await writeFile(config, `DEFAULT linux\nPROMPT 0\nTIMEOUT 0\nLABEL linux\n  LINUX /vmlinuz\n  INITRD /initrd\n  APPEND ${disk.commandLine}\n`);
  await run(["mcopy", "-i", boot, disk.kernel, "::/vmlinuz"]);
  await run(["mcopy", "-i", boot, disk.initrd, "::/initrd"]);
  await run(["mcopy", "-i", boot, config, "::/syslinux.cfg"]);
  await run(["syslinux", "--install", "--offset", String(BOOT_START), raw]);
  await run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", disk.root.label, "-E", `offset=${String(rootStart)},lazy_itable_init=1`,
    ...disk.root.folder === undefined ? [] : ["-d", disk.root.folder], raw, `${String(disk.root.sizeMiB)}M`]);
  await run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", raw, disk.target]);
}

/** Four entries and the signature: a bootable FAT32 partition and a Linux one. */
function partitionTable(bootBytes: number, rootStart: number, rootBytes: number): Buffer {
  const table = Buffer.alloc(66);
  const entry = (index: number, active: boolean, type: number, start: number, length: number): void => {
    const at = index * 16;
    table.writeUInt8(active ? 0x80 : 0, at);
    // Cylinders and heads that say "look at the sector numbers".
    table.set([0xfe, 0xff, 0xff], at + 1);
    table.writeUInt8(type, at + 4);
    table.set([0xfe, 0xff, 0xff], at + 5);
    table.writeUInt32LE(start / SECTOR, at + 8);
    table.writeUInt32LE(length / SECTOR, at + 12);
  };
  entry(0, true, 0x0c, BOOT_START, bootBytes);
  entry(1, false, 0x83, rootStart, rootBytes);
  table.writeUInt16LE(0xaa55, 64);
  return table;
}

/** A file's size in whole MiB, rounded up. */
export async function sizeMiB(path: string): Promise<number> {
  return Math.ceil((await stat(path)).size / MIB);
}
