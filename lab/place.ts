import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DroverError } from "../provider/base/error.js";

/** Where a lab keeps its things. Two projects may each have a lab of the same name: their keys differ. */
export interface LabPlace {
  readonly name: string;
  /** `<project root>/.drover/lab/<name>`: everything that outlives a restart of the machine. */
  readonly directory: string;
  /** The name and a digest of the directory: unique on this machine. */
  readonly key: string;
  /** `/run/drover/<key>`: sockets. Short, for a socket's path has at most 107 bytes. */
  readonly runDirectory: string;
  /** The lab's network interface on the machine itself, at most 15 bytes. */
  readonly clientInterface: string;
}

const LAB_NAME = /^[a-z][a-z0-9-]{0,23}$/;

/**
 * The place of a lab: the nearest folder upwards from `from` that has this lab already, else the nearest one with a
 * `package.json` or `Pulumi.yaml`, else `from` itself.
 * @param name default: `DROVER_LAB` from the environment, else `lab`
 */
export function labPlace(name = process.env.DROVER_LAB ?? "lab", from = process.cwd()): LabPlace {
  if (!LAB_NAME.test(name)) {
    throw new DroverError({ attempted: `use the lab name "${name}"`, answer: "a lab's name has 1 to 24 small letters, digits and dashes and begins with a letter" });
  }
  const folders = ancestors(resolve(from));
  const root = folders.find((folder) => existsSync(join(folder, ".drover", "lab", name)))
    ?? folders.find((folder) => existsSync(join(folder, "package.json")) || existsSync(join(folder, "Pulumi.yaml")))
    ?? resolve(from);
  const directory = join(root, ".drover", "lab", name);
  const digest = createHash("sha256").update(directory).digest("hex").slice(0, 6);
  const key = `${name}-${digest}`;
  return { name, directory, key, runDirectory: `/run/drover/${key}`, clientInterface: `${name.slice(0, 8)}-${digest}` };
}

function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** The folder of this package: where `lab/*.sh` and `lab/guest` are. */
export function packageRoot(): string {
  const root = ancestors(import.meta.dirname).find((folder) => existsSync(join(folder, "package.json")));
  if (root === undefined) throw new Error("drover is not inside a package");
  return root;
}
