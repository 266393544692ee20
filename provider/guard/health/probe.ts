import type { ConnectedHost } from "../../inventory/hosts.js";

/** What a host's kernel says of its hardware: by file, its words. */
export type Probe = ReadonlyMap<string, readonly string[]>;

/** Files that are read where they are there, one word or more from each; nothing has to be installed. */
const FILES = [
  "/sys/devices/system/edac/mc/mc*/ue_count", "/sys/devices/system/edac/mc/mc*/ce_count",
  "/sys/class/hwmon/hwmon*/temp*_input", "/sys/class/hwmon/hwmon*/temp*_crit",
  "/sys/block/*/device/ioerr_cnt", "/sys/block/*/removable", "/sys/block/md*/md/degraded",
  "/sys/class/fc_host/host*/port_state", "/sys/class/iscsi_session/session*/state", "/sys/block/*/device/state", "/sys/class/nvme/nvme*/state",
];

/** The root file system's options are the fourth field of its line in `/proc/mounts`. */
const SCRIPT = `for f in ${FILES.join(" ")}; do [ -r "$f" ] && printf '%s %s\\n' "$f" "$(cat "$f" 2>/dev/null)"; done; awk '$2 == "/" { o = $4 } END { print "/ " o }' /proc/mounts`;

const TIMEOUT_MS = 10_000;

/**
 * Reads it all in one command.
 * @throws TransportError, DroverError where the host gives us no shell
 */
export async function probe(host: ConnectedHost): Promise<Probe> {
  const { stdout } = await host.transport.exec(["sh", "-c", SCRIPT], { timeoutMs: TIMEOUT_MS });
  return parseProbe(stdout);
}

/** @param text lines of a path and words; what is none is passed over */
export function parseProbe(text: string): Probe {
  return new Map(text.split("\n").flatMap((line) => {
    const [path, ...words] = line.trim().split(/\s+/);
    return path?.startsWith("/") === true && words.length > 0 ? [[path, words] as const] : [];
  }));
}

/** Numbers of the files whose path fits, decimal or hexadecimal (`0x1f`); what is no number is left out. */
export function numbersIn(found: Probe, pattern: RegExp): { readonly path: string; readonly value: number }[] {
  return [...found].filter(([path]) => pattern.test(path)).map(([path, [word = ""]]) => ({ path, value: /^-?([0-9]+|0x[0-9a-f]+)$/i.test(word) ? Number(word) : Number.NaN })).filter(({ value }) => !Number.isNaN(value));
}
