import type { Action, Inventory, PlanHost } from "./model.js";

/** Of hosts that do not say how long they take, by the model. */
const LEAST_BOOT_SECONDS = 180;
const LEAST_SHUTDOWN_SECONDS = 60;

/** Hosts' power while a plan is replayed: whether each is switched on and off as it may be, and when it carries nothing. */
export class PowerWatch {
  readonly #hosts: ReadonlyMap<string, PlanHost>;
  /** Hosts that are off, and those that are being switched on or off. */
  readonly #off: Set<string>;
  readonly #actions: readonly Action[];

  constructor({ hosts }: Inventory, actions: readonly Action[]) {
    this.#hosts = new Map(hosts.map((host) => [host.name, host]));
    this.#off = new Set(hosts.filter(({ state }) => state === "off").map(({ name }) => name));
    this.#actions = actions.filter(isOfPower);
  }

  /** The inventory with those up that the plan switches on: for all that is judged but the moment. */
  awake(inventory: Inventory): Inventory {
    return this.#with(inventory, "boot", "up");
  }

  /** The inventory as it is at the end. */
  after(inventory: Inventory): Inventory {
    return this.#with(this.awake(inventory), "shutdown", "off");
  }

  isOff(host: string): boolean {
    return this.#off.has(host);
  }

  /**
   * What is wrong with the beginning of an action, in words.
   * @param isEmpty whether the host carries nothing, and nothing arrives there
   */
  begin({ kind, subject, durationSeconds }: Action, isEmpty: boolean): string[] {
    const host = this.#hosts.get(subject);
    if (host === undefined) return [`${subject} is no host of the inventory`];
    const faults = host.power === undefined ? [`the power of ${subject} is not the plan's`] : [];
    const least = kind === "boot" ? (host.power?.bootSeconds ?? LEAST_BOOT_SECONDS) : (host.power?.shutdownSeconds ?? LEAST_SHUTDOWN_SECONDS);
    if (!(durationSeconds >= least)) faults.push(`${subject} takes ${least} s, not ${durationSeconds} s`);
    if (kind === "boot") {
      if (host.state !== "off" || !this.isOff(subject)) faults.push(`${subject} is switched on, and is not off`);
      return faults;
    }
    if ((host.state ?? "up") !== "up" && host.state !== "off") faults.push(`${subject} is switched off, and is ${host.state ?? ""}`);
    if (this.isOff(subject)) faults.push(`${subject} is switched off, and is off`);
    if (!isEmpty) faults.push(`${subject} is switched off, and carries guests`);
    this.#off.add(subject);
    return faults;
  }

  end({ kind, subject }: Action): void {
    if (kind === "boot") this.#off.delete(subject);
  }

  #with(inventory: Inventory, kind: Action["kind"], state: "up" | "off"): Inventory {
    const names = new Set(this.#actions.filter((action) => action.kind === kind).map(({ subject }) => subject));
    return names.size === 0 ? inventory : { ...inventory, hosts: inventory.hosts.map((host) => (names.has(host.name) ? { ...host, state } : host)) };
  }
}

/** Whether it is done to a host's power, and not to a VM. */
export function isOfPower({ kind }: Action): boolean {
  return kind === "boot" || kind === "shutdown";
}
