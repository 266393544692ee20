import { systemClock, type Clock } from "../base/clock.js";
import type { DomainPlace } from "../inventory/domains.js";
import { DomainInterfaceAddressesSource, IPAddrType, LibvirtError } from "../libvirt/index.js";

const POLL_MS = 500;

/**
 * The first usable address of a running guest, asked of libvirt's DHCP leases, the guest's agent and the host's ARP table,
 * in this order; `undefined` when none of them knows one.
 * @param macs the guest's MAC addresses in the order of preference
 */
export async function addressOf(place: DomainPlace, macs: readonly string[]): Promise<string | undefined> {
  const { LEASE, AGENT, ARP } = DomainInterfaceAddressesSource;
  for (const source of [LEASE, AGENT, ARP]) {
    const found = await ask(place, source);
    for (const mac of macs) {
      const address = found.get(mac.toLowerCase());
      if (address !== undefined) return address;
    }
  }
  return undefined;
}

/** Waits until the guest has an address, at most so long. */
export async function waitForAddress(place: DomainPlace, macs: readonly string[], timeoutSeconds: number, signal: AbortSignal, clock: Clock = systemClock): Promise<string | undefined> {
  const end = clock.nowMs() + timeoutSeconds * 1000;
  for (;;) {
    const address = await addressOf(place, macs);
    if (address !== undefined || clock.nowMs() >= end) return address;
    await clock.sleep(POLL_MS, signal);
  }
}

/** Address by MAC from one source; a source that cannot be asked (no agent, no leases here) knows none. */
async function ask(place: DomainPlace, source: number): Promise<ReadonlyMap<string, string>> {
  try {
    const { ifaces } = await place.host.libvirt.domainInterfaceAddresses({ dom: place.domain, source, flags: 0 });
    return new Map(ifaces.flatMap((nic) => {
      const address = nic.addrs.find((candidate) => candidate.type === IPAddrType.IPV4) ?? nic.addrs.find((candidate) => !candidate.addr.startsWith("fe80:"));
      return nic.hwaddr === null || address === undefined ? [] : [[nic.hwaddr.toLowerCase(), address.addr] as const];
    }));
  } catch (error) {
    if (error instanceof LibvirtError) return new Map();
    throw error;
  }
}
