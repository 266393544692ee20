import { DroverError } from "../base/error.js";
import { TransportError } from "../transport/index.js";
import type { ConnectedHost } from "./hosts.js";

const TIMEOUT_MS = 5_000;

/** The kernel's id of this boot, and when its first process started: a machine that is a container has its host's kernel. */
const SCRIPT = "cat /proc/sys/kernel/random/boot_id; sed 's/.*) //' /proc/1/stat | cut -d' ' -f20";

/** Which boot of a host this is; another one after each start. `undefined` where the host gives us no shell, or does not say. */
export async function bootOf(host: ConnectedHost): Promise<string | undefined> {
  try {
    const { stdout } = await host.transport.exec(["sh", "-c", SCRIPT], { timeoutMs: TIMEOUT_MS });
    return parseBoot(stdout);
  } catch (error) {
    if (error instanceof TransportError || error instanceof DroverError) return undefined;
    throw error;
  }
}

/** @param text a UUID and a number, a line each */
export function parseBoot(text: string): string | undefined {
  const [, id, start] = /^([0-9a-f]{8}-[0-9a-f-]{27})\n([0-9]+)\n?$/.exec(text) ?? [];
  return id === undefined || start === undefined ? undefined : `${id}.${start}`;
}
