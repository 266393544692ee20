/** Names of the protocol (`remote_domain_get_xml_desc_args`, `need_results`) as the client's users read them. */

/** Words that libvirt's public API writes in capitals. */
const ACRONYMS: ReadonlyMap<string, string> = new Map([
  ["xml", "XML"], ["uuid", "UUID"], ["uri", "URI"], ["cpu", "CPU"], ["id", "ID"], ["dhcp", "DHCP"], ["io", "IO"], ["ip", "IP"],
]);

/** `domain_get_xml_desc` → `domainGetXMLDesc`; with the program's name in front outside the main program. */
export function methodName(procedure: { name: string; program: "remote" | "qemu" }): string {
  const words = procedure.program === "qemu" ? `qemu_${procedure.name}` : procedure.name;
  const pascal = pascalCase(words);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/** `remote_domain_get_xml_desc_args` → `DomainGetXMLDescArgs`, `remote_nonnull_domain` → `DomainRef`, `virNetMessageError` → `NetMessageError`. */
export function typeName(struct: string): string {
  if (struct.startsWith("remote_nonnull_")) return `${pascalCase(struct.slice("remote_nonnull_".length))}Ref`;
  if (struct.startsWith("vir")) return struct.slice("vir".length);
  // Two structs are named as procedures are; they are the items of their replies' lists.
  if (/^remote_node_get_\w+_stats$/.test(struct)) return pascalCase(struct.replace(/^remote_node_get_(\w+)_stats$/, "node_$1_stat"));
  return pascalCase(struct.replace(/^remote_/, ""));
}

/** `need_results` → `needResults`; names that are camel case already stay. */
export function fieldName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function pascalCase(words: string): string {
  return words.split("_").map((word) => ACRONYMS.get(word) ?? word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
