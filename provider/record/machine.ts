import { randomUUID } from "node:crypto";
import { rename } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { DroverError } from "../base/error.js";
import { fields } from "./content.js";
import { readIfThere, writeDurably } from "./process-lock.js";

/** Which machine this is. One of the two suffices: a container has another file of its own, and the kernel of its machine. */
interface Machine {
  /** Of the installation; empty where it has none. */
  readonly id: string;
  /** Of the kernel's boot. */
  readonly boot: string;
  /** For people. */
  readonly name: string;
}

const FILES = { id: "/etc/machine-id", boot: "/proc/sys/kernel/random/boot_id" } as const;

/**
 * Makes sure that a folder on this machine's disk is used by this machine alone, and writes down that it is its own: its locks are
 * processes of this machine, and a copy of it, or one on shared storage, would keep nobody out.
 * @throws DroverError when it is another machine's
 */
export async function claimForMachine(folder: string, files: { readonly id: string; readonly boot: string } = FILES): Promise<void> {
  const path = join(folder, "machine");
  const [id = "", boot = "", before] = await Promise.all([readIfThere(files.id), readIfThere(files.boot), readIfThere(path)]);
  const here: Machine = { id: id.trim(), boot: boot.trim(), name: hostname() };
  if (before !== undefined) {
    const known = fields(before);
    if (known["id"] === here.id && known["boot"] === here.boot) return;
    const isSame = (here.id !== "" && known["id"] === here.id) || (here.boot !== "" && known["boot"] === here.boot);
    if (!isSame) {
      throw new DroverError({ attempted: `use the record in ${folder}`, answer: `it is that of another machine (${String(known["name"])})`,
        next: `a directory serves the one machine that guard and \`pulumi up\` run on: run this there, or give the cluster's guard an etcd. If it was moved here for good, with nothing running there any more: rm ${path}` });
    }
    // A container's own file says nothing to the next boot.
    if (known["id"] !== here.id) return;
  }
  const draft = `${path}.${randomUUID()}.new`;
  await writeDurably(draft, JSON.stringify(here));
  await rename(draft, path);
}
