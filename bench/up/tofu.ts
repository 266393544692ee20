import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Lab } from "../../lab/model.js";
import { runAny } from "../../lab/run.js";
import type { Step } from "./index.js";

const runFile = promisify(execFile);
const PROVIDER = "terraform-provider-libvirt";

/** Whether OpenTofu and its libvirt provider are on PATH. */
export async function hasTofu(): Promise<boolean> {
  return (await pathOf("tofu")) !== undefined && (await pathOf(PROVIDER)) !== undefined;
}

/** The same life of as many stopped VMs with a disk each by OpenTofu, in seconds a step. */
export async function measureTofu(lab: Lab, count: number): Promise<Record<Step, number>> {
  const folder = await mkdtemp(join(tmpdir(), "drover-bench-tofu-"));
  try {
    const settings = join(folder, "tofu.rc");
    const provider = (await pathOf(PROVIDER)) ?? PROVIDER;
    await writeFile(settings, `provider_installation {\n  dev_overrides {\n    "dmacvicar/libvirt" = "${dirname(provider)}"\n  }\n  direct {}\n}\n`);
    await writeFile(join(folder, "main.tf"), PROGRAM);
    // This client knows no ssh config: the host's address and key, and no check of the host's key, as its users write it.
    const uri = `qemu+ssh://root@${lab.hosts[0]?.address ?? ""}/system?keyfile=${lab.ssh.identity}&sshauth=privkey&no_verify=1`;
    const run = async (memoryMib: number, ...words: readonly string[]): Promise<number> => {
      const startMs = performance.now();
      await runFile("tofu", [...words, "-no-color", `-var=vms=${count}`, `-var=uri=${uri}`, `-var=memory=${memoryMib}`, `-var=bridge=${lab.guestNetwork.bridge}`],
        { cwd: folder, env: { ...process.env, TF_CLI_CONFIG_FILE: settings, CHECKPOINT_DISABLE: "1" }, maxBuffer: 64 * 1024 ** 2 });
      return (performance.now() - startMs) / 1000;
    };
    try {
      return {
        "create": await run(64, "apply", "-auto-approve"),
        "no-op preview": await run(64, "plan"),
        "refresh": await run(64, "apply", "-refresh-only", "-auto-approve"),
        "change": await run(96, "apply", "-auto-approve"),
        "destroy": await run(96, "destroy", "-auto-approve"),
      };
    } catch (error) {
      // Nothing of it stays on the host, whatever step failed.
      await run(64, "destroy", "-auto-approve").catch(() => {});
      throw error;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const PROGRAM = `terraform {
  required_providers {
    libvirt = { source = "dmacvicar/libvirt" }
  }
}
variable "vms" {}
variable "uri" {}
variable "memory" {}
variable "bridge" {}
provider "libvirt" { uri = var.uri }
resource "libvirt_pool" "bench" {
  name = "bench-tofu"
  type = "dir"
  target { path = "/var/lib/libvirt/images/bench-tofu" }
}
resource "libvirt_volume" "root" {
  count = var.vms
  name  = "bench-tofu-\${count.index}.qcow2"
  pool  = libvirt_pool.bench.name
  size  = 1073741824
}
resource "libvirt_domain" "vm" {
  count   = var.vms
  name    = "bench-tofu-\${count.index}"
  memory  = var.memory
  vcpu    = 1
  type    = "qemu"
  running = false
  disk { volume_id = libvirt_volume.root[count.index].id }
  network_interface { bridge = var.bridge }
}
`;

async function pathOf(command: string): Promise<string | undefined> {
  const { code, stdout } = await runAny(["sh", "-c", `command -v ${command}`], { env: { PATH: process.env["PATH"] ?? "" } });
  return code === 0 ? stdout.trim() : undefined;
}
