import { lookupDomain } from "../inventory/domains.js";
import { hostAt } from "../inventory/hosts.js";
import type { ReadCluster } from "../kinds/placement/index.js";
import type { Tell } from "./events.js";

/**
 * Takes autostart from the cluster's guests where somebody gave it to them, on every host that has a definition of theirs: a host that
 * comes back would start a guest that runs elsewhere by then.
 * @param proceed throws where this guard leads no longer
 */
export async function clearAutostart({ reading, sorted }: ReadCluster, tell: Tell, proceed: () => unknown): Promise<void> {
  const names = new Map(sorted.members.flatMap(({ name, seen }) => (seen === undefined ? [] : [[seen.domain.uuid, name] as const])));
  for (const { address, domains } of reading.hosts) {
    for (const { uuid, autostart, ours } of domains) {
      const name = names.get(uuid);
      if (!autostart || ours === undefined || name === undefined) continue;
      const host = hostAt(address);
      const dom = await lookupDomain(host, { uuid });
      if (dom === undefined) continue;
      proceed();
      await host.libvirt.domainSetAutostart({ dom, autostart: 0 });
      tell("autostart-cleared", `${address.name} would have started it at its next boot, wherever it runs then`, { vm: name, host: address.name });
    }
  }
}
