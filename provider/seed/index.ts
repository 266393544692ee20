import { stringify } from "yaml";
import { isoImage } from "./iso9660.js";

/** A guest's first-boot configuration, as cloud-init's NoCloud data source reads it. */
export interface SeedSpec {
  /** cloud-init runs its once-only modules again when it changes. */
  readonly instanceId: string;
  readonly hostName: string;
  /** cloud-config as an object, or any user data as text. */
  readonly userData?: object | string | undefined;
  /** Entries to add to meta-data. */
  readonly metaData?: object | undefined;
  /** Network configuration (version 1 or 2), as an object or text. Default: none, cloud-init then asks by DHCP. */
  readonly networkConfig?: object | string | undefined;
}

/**
 * Builds the seed: an ISO 9660 image labelled `cidata` with the files `user-data`, `meta-data` and `network-config`.
 * The same spec gives the same bytes, in whatever order the keys of its objects come.
 * It may hold secrets: it belongs into a volume that the guest alone reads, never into a log or a state.
 *
 * @example seed({ instanceId: uuid, hostName: "web-0", userData: { ssh_authorized_keys: [key] } })
 */
export function seed(spec: SeedSpec): Buffer {
  const userData = spec.userData ?? {};
  const files: { name: string; text: string }[] = [
    { name: "user-data", text: typeof userData === "string" ? userData : `#cloud-config\n${toYaml(userData)}` },
    { name: "meta-data", text: toYaml({ ...spec.metaData, "instance-id": spec.instanceId, "local-hostname": spec.hostName }) },
  ];
  if (spec.networkConfig !== undefined) {
    files.push({ name: "network-config", text: typeof spec.networkConfig === "string" ? spec.networkConfig : toYaml(spec.networkConfig) });
  }
  return isoImage("cidata", files.map(({ name, text }) => ({ name, content: Buffer.from(text, "utf8") })));
}

/** cloud-init reads YAML 1.1, where `yes` and `on` are truth values: text that looks like one has to be quoted. */
function toYaml(value: object): string {
  return stringify(value, { version: "1.1", sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}
