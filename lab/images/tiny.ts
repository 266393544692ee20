import { chmod, copyFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DroverError } from "../../provider/base/error.js";
import type { Log } from "../../provider/base/log.js";
import { packageRoot } from "../place.js";
import { run, runAny } from "../run.js";
import { makeBootableDisk, sizeMiB } from "./disk.js";

/**
 * What the guest may need, with what those need. What the kernel has built in, or does not have at all, is left out:
 * Debian's cloud kernel knows no SATA and no e1000, so a seed must be a virtio disk or on a virtio SCSI controller.
 */
const MODULES = [
  "virtio_pci", "virtio_blk", "virtio_net", "virtio_scsi", "virtio_balloon", "virtio_console", "virtio_rng", "virtio_mem", "virtio_mmio",
  "sd_mod", "sr_mod", "ahci", "ata_piix", "isofs", "vfat", "nls_cp437", "nls_ascii", "nls_utf8", "ext4", "crc32c_generic",
  "button", "evdev", "e1000", "e1000e", "pciehp", "acpiphp",
] as const;

/** The kernels for virtual machines, on Debian and on Ubuntu: meta packages that depend on the real one. */
const KERNEL_PACKAGES = ["linux-image-cloud-amd64", "linux-image-virtual"] as const;

/**
 * The tiny guest: a kernel for virtual machines and busybox. It boots from its own disk in a few seconds under
 * emulation; `lab/guest/*.sh` is all that it does.
 */
export async function buildTiny(workFolder: string, target: string, log: Log): Promise<void> {
  const kernelTree = join(workFolder, "kernel");
  const version = await unpackKernel(workFolder, kernelTree, log);
  const initrd = join(workFolder, "initrd");
  await makeInitramfs(kernelTree, version, join(workFolder, "initramfs"), initrd);
  const kernel = join(kernelTree, "boot", `vmlinuz-${version}`);
  await makeBootableDisk({
    workFolder,
    target,
    kernel,
    initrd,
    commandLine: "console=ttyS0 quiet tsc=unstable swiotlb=noforce cgroup_disable=memory memhp_default_state=online panic=5 random.trust_cpu=on mitigations=off",
    bootMiB: Math.max(40, await sizeMiB(kernel) + await sizeMiB(initrd) + 8),
    root: { label: "tiny-data", sizeMiB: 16 },
  });
}

/** Downloads the kernel's packages and unpacks them; nothing is installed. Returns the kernel's version. */
async function unpackKernel(workFolder: string, kernelTree: string, log: Log): Promise<string> {
  const packages = await kernelPackages();
  log.info(`downloading ${packages.join(", ")}`);
  const downloads = join(workFolder, "packages");
  await mkdir(downloads);
  // As root without apt's own sandbox user, who may not write here.
  await run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", ...packages], { cwd: downloads });
  for (const file of await readdir(downloads)) await run(["dpkg-deb", "-x", join(downloads, file), kernelTree]);
  const version = (await readdir(join(kernelTree, "boot"))).map((file) => /^vmlinuz-(.+)$/.exec(file)?.[1]).find((found) => found !== undefined);
  if (version === undefined) throw new DroverError({ attempted: "build the guest image tiny", answer: `${packages.join(", ")} hold no kernel` });
  return version;
}

async function kernelPackages(): Promise<string[]> {
  for (const meta of KERNEL_PACKAGES) {
    const { code, stdout } = await runAny(["apt-cache", "depends", "--no-recommends", "--no-suggests", meta]);
    const image = /Depends: (linux-image-[0-9]\S+)/.exec(stdout)?.[1];
    if (code !== 0 || image === undefined) continue;
    // Ubuntu keeps a kernel's modules in a package of their own.
    const ofImage = await run(["apt-cache", "depends", "--no-recommends", "--no-suggests", image]);
    const modules = /Depends: (linux-modules-[0-9]\S+)/.exec(ofImage)?.[1];
    return modules === undefined ? [image] : [image, modules];
  }
  throw new DroverError({ attempted: "find a kernel for the guest image tiny", answer: `apt knows none of ${KERNEL_PACKAGES.join(", ")}`, next: "run apt-get update" });
}

async function makeInitramfs(kernelTree: string, version: string, root: string, initrd: string): Promise<void> {
  for (const folder of ["bin", "dev", "proc", "sys", "etc/acpi/PWRF", "etc/acpi/PWRB"]) await mkdir(join(root, folder), { recursive: true });
  await copyFile("/bin/busybox", join(root, "bin", "busybox"));
  await symlink("busybox", join(root, "bin", "sh"));
  const guest = join(packageRoot(), "lab", "guest");
  for (const file of await readdir(guest)) {
    const target = file === "init.sh" ? join(root, "init") : join(root, "bin", file.replace(/\.sh$/, ""));
    await copyFile(join(guest, file), target);
    await chmod(target, 0o755);
  }
  for (const button of ["PWRF", "PWRB"]) await symlink("/bin/power-off", join(root, "etc", "acpi", button, "00000080"));
  await writeFile(join(root, "etc", "passwd"), "root::0:0:root:/root:/bin/sh\n");
  await copyModules(kernelTree, version, root);
  await run(["/bin/sh", "-c", `find . -print0 | LC_ALL=C sort -z | cpio --null --quiet -o -H newc -R 0:0 --reproducible | gzip -1 > "$1"`, "sh", initrd], { cwd: root });
}

/** Copies the modules and what they need, by the kernel's own table of dependencies. */
async function copyModules(kernelTree: string, version: string, root: string): Promise<void> {
  await run(["depmod", "-b", kernelTree, version]);
  const from = join(kernelTree, "lib", "modules", version);
  const to = join(root, "lib", "modules", version);
  const needs = new Map((await readFile(join(from, "modules.dep"), "utf8")).trim().split("\n").map((line) => {
    const [path = "", rest = ""] = line.split(":");
    return [path, rest.trim().split(" ").filter((need) => need !== "")] as const;
  }));
  const pathOf = new Map([...needs.keys()].map((path) => [moduleName(path), path]));
  const wanted = MODULES.map((name) => pathOf.get(name)).filter((path) => path !== undefined);
  const files = new Set(wanted.flatMap((path) => [path, ...needs.get(path) ?? []]));
  for (const file of files) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(join(from, file), join(to, file));
  }
  for (const table of ["modules.order", "modules.builtin", "modules.builtin.modinfo"]) await copyFile(join(from, table), join(to, table));
  await run(["depmod", "-b", root, version]);
}

function moduleName(path: string): string {
  return (path.split("/").at(-1) ?? "").replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_");
}
