import { systemClock, type Clock } from "../base/clock.js";
import { DroverError, messageOf } from "../base/error.js";
import type { Log } from "../base/log.js";
import { isActive, stateOf, type DomainPlace } from "../inventory/domains.js";
import { DomainDestroyFlags, DomainShutdownFlags, DomainState, ErrorCode, isLibvirtError, LibvirtError } from "../libvirt/index.js";

/** How a guest is stopped. */
export interface StopPolicy {
  /** How long the guest may take after it was asked, in seconds. */
  readonly timeoutSeconds: number;
  /** What happens when it did not stop by then. */
  readonly onTimeout: "fail" | "power-off";
}

const POLL_MS = 250;
/** A guest that is still booting misses a button that was pressed too early. */
const PRESS_AGAIN_MS = 5_000;

/**
 * Stops a guest by a ladder: its agent is asked, then ACPI's power button is pressed (again every 5 s), then time runs out.
 * Nothing happens when it does not run.
 * @throws DroverError when it did not stop in time and the policy is `fail`: it goes on running
 */
export async function stopDomain(place: DomainPlace, policy: StopPolicy, log: Log, clock: Clock = systemClock): Promise<void> {
  const { host, domain } = place;
  if (!isActive(await currentState(place))) return;
  const end = clock.nowMs() + policy.timeoutSeconds * 1000;
  let pressed = -Infinity;
  const agent = await ask(place, DomainShutdownFlags.GUEST_AGENT);
  while (clock.nowMs() < end) {
    if (!agent && clock.nowMs() - pressed >= PRESS_AGAIN_MS) {
      await ask(place, DomainShutdownFlags.ACPI_POWER_BTN);
      pressed = clock.nowMs();
    }
    await clock.sleep(POLL_MS);
    if (!isActive(await currentState(place))) return;
  }
  if (policy.onTimeout === "fail") {
    throw new DroverError({ attempted: `shut down ${domain.name}`, host: host.name, answer: `the guest did not stop within ${policy.timeoutSeconds} s; it goes on running`,
      next: "look at its console, give it more time (shutdown.timeoutSeconds), or allow shutdown.onTimeout: \"power-off\"" });
  }
  log.warn(`${domain.name} on ${host.name} did not stop within ${policy.timeoutSeconds} s: its power is cut`);
  await destroyDomain(place);
}

/** Cuts the power; nothing happens when it does not run. */
export async function destroyDomain(place: DomainPlace): Promise<void> {
  const { host, domain } = place;
  try {
    // SIGTERM only, so that QEMU flushes its disks.
    await host.libvirt.domainDestroyFlags({ dom: domain, flags: DomainDestroyFlags.GRACEFUL });
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    if (!isActive(await currentState(place))) return;
    // SIGTERM was not enough (QEMU hangs on a dead disk): the plain form ends with SIGKILL.
    await host.libvirt.domainDestroyFlags({ dom: domain, flags: DomainDestroyFlags.DEFAULT });
  }
}

/** Asks the guest to stop one way; false when that way is closed. */
async function ask(place: DomainPlace, flags: number): Promise<boolean> {
  try {
    await place.host.libvirt.domainShutdownFlags({ dom: place.domain, flags });
    return true;
  } catch (error) {
    if (error instanceof LibvirtError && isActive(await currentState(place))) return false;
    if (error instanceof LibvirtError) return true;
    throw new DroverError({ attempted: `shut down ${place.domain.name}`, host: place.host.name, answer: messageOf(error), cause: error });
  }
}

/** A guest that is gone altogether (it was transient, or somebody undefined it) counts as stopped. */
async function currentState(place: DomainPlace): Promise<number> {
  try {
    return await stateOf(place.host, place.domain);
  } catch (error) {
    if (isLibvirtError(error, ErrorCode.NO_DOMAIN)) return DomainState.SHUTOFF;
    throw error;
  }
}
