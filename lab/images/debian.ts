import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DroverError } from "../../provider/base/error.js";
import type { Log } from "../../provider/base/log.js";
import { run } from "../run.js";
import { makeBootableDisk, sizeMiB } from "./disk.js";

const PACKAGES = ["linux-image-cloud-amd64", "systemd-sysv", "dbus", "udev", "cloud-init", "cloud-guest-utils", "qemu-guest-agent", "openssh-server", "iproute2", "netplan.io", "e2fsprogs"];

/** A Debian guest with systemd, cloud-init and the guest agent. Its kernel is started from the boot partition. */
export async function buildDebian(workFolder: string, target: string, log: Log): Promise<void> {
  const root = join(workFolder, "root");
  await mkdir(root);
  log.info("installing Debian into a folder (about a minute)");
  await run(["mmdebstrap", "--variant=minbase", "--format=directory", `--include=${PACKAGES.join(",")}`, "bookworm", root]);
  await writeFile(join(root, "etc", "fstab"), "LABEL=debian-root / ext4 errors=remount-ro 0 1\n");
  // The guest's own id is made at its first boot, and its data source is the seed, at once.
  await writeFile(join(root, "etc", "machine-id"), "");
  await writeFile(join(root, "etc", "cloud", "cloud.cfg.d", "90_lab.cfg"), "datasource_list: [NoCloud, None]\nlocale: C.UTF-8\n");
  const boot = join(workFolder, "boot");
  await mkdir(boot);
  const files = await readdir(join(root, "boot"));
  const find = (prefix: string): string => {
    const file = files.find((name) => name.startsWith(prefix));
    if (file === undefined) throw new DroverError({ attempted: "build the guest image debian", answer: `no ${prefix}* was installed` });
    return join(root, "boot", file);
  };
  const kernel = join(boot, "vmlinuz");
  const initrd = join(boot, "initrd");
  await run(["cp", find("vmlinuz-"), kernel]);
  await run(["cp", find("initrd.img-"), initrd]);
  await makeBootableDisk({
    workFolder,
    target,
    kernel,
    initrd,
    commandLine: "root=LABEL=debian-root rw console=ttyS0 quiet mitigations=off",
    bootMiB: Math.max(40, await sizeMiB(kernel) + await sizeMiB(initrd) + 16),
    root: { label: "debian-root", sizeMiB: 1536, folder: root },
  });
  await rm(root, { recursive: true, force: true });
}
