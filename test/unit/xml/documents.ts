import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** libvirt's own test documents lie beside the repository, where they are at all: their licence keeps them out of it. */
const FOLDER = join(process.cwd(), "..", "shared", "data", "libvirt-documents");

/** Why tests over the documents are skipped; `false` where they are there. */
export const skipDocuments: string | false = existsSync(FOLDER) ? false : `${FOLDER} is not there`;

/** The documents of one kind by file name. */
export function documents(kind: string): { readonly name: string; readonly text: string }[] {
  if (skipDocuments !== false) return [];
  const folder = join(FOLDER, kind);
  return readdirSync(folder).filter((name) => name.endsWith(".xml")).sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

export function documentKinds(): string[] {
  return skipDocuments === false ? readdirSync(FOLDER) : [];
}
