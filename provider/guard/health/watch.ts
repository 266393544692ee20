import { TransportError } from "../../transport/index.js";
import { DroverError } from "../../base/error.js";
import { hostAt, type HostAddress } from "../../inventory/hosts.js";
import type { ReadCluster } from "../../kinds/placement/index.js";
import type { Condition } from "../detect.js";
import type { Tell } from "../events.js";
import { signs } from "./index.js";
import { probe, type Probe } from "./probe.js";

const NOTHING: Probe = new Map();

/** Looks for which a host that gave no shell is not asked. */
const LOOKS_WITHOUT = 10;

export interface TroubledHost {
  readonly host: string;
  readonly why: string;
  /** Others of which the last look found troubles: what is wrong may be theirs in common, as of a switch for storage. */
  readonly alike: readonly string[];
}

/** Looks at the hosts' own troubles, and holds for true what two looks in a row have found. */
export class HealthWatch {
  readonly #probes = new Map<string, { readonly first: Probe; readonly last: Probe }>();
  /** What the last look found. */
  readonly #found = new Map<string, readonly string[]>();
  /** Hosts about which something is to be done: since the last look, and not yet taken. */
  readonly #due = new Map<string, string>();
  /** Hosts that gave no shell, and for how many looks they are not asked again. */
  readonly #withoutShell = new Map<string, number>();

  readonly #ask: (address: HostAddress) => Promise<Probe>;

  constructor(ask = (address: HostAddress): Promise<Probe> => probe(hostAt(address))) {
    this.#ask = ask;
  }

  /** @param cluster as it was read just now */
  async look({ hosts }: ReadCluster, conditions: ReadonlyMap<string, Condition>, tell: Tell): Promise<void> {
    this.#due.clear();
    await Promise.all(hosts.map(async (host) => {
      const { name } = host.declared.host;
      if (conditions.get(name) !== "alive" || host.read === undefined) return;
      const now = await this.#probe(host.declared.host, tell);
      const known = this.#probes.get(name);
      const texts = signs.flatMap((sign) => sign({ host, now: now ?? NOTHING, before: known?.last ?? NOTHING, first: known?.first ?? NOTHING }) ?? []);
      if (now !== undefined) this.#probes.set(name, { first: known?.first ?? now, last: now });
      const before = this.#found.get(name) ?? [];
      this.#found.set(name, texts);
      const confirmed = texts.filter((text) => before.includes(text));
      if (confirmed.length === 0) return;
      tell("host-troubled", confirmed.join("; "), { host: name });
      if (host.state === "up") this.#due.set(name, confirmed.join("; "));
    }));
  }

  /** A host in trouble that takes guests still, once for each look. */
  take(): TroubledHost | undefined {
    for (const [host, why] of this.#due) {
      this.#due.delete(host);
      return { host, why, alike: [...this.#found].filter(([name, texts]) => name !== host && texts.length > 0).map(([name]) => name) };
    }
    return undefined;
  }

  async #probe(address: HostAddress, tell: Tell): Promise<Probe | undefined> {
    const { name } = address;
    const left = this.#withoutShell.get(name) ?? 0;
    if (left > 0) {
      this.#withoutShell.set(name, left - 1);
      return undefined;
    }
    try {
      const found = await this.#ask(address);
      this.#withoutShell.delete(name);
      return found;
    } catch (error) {
      if (!(error instanceof TransportError || error instanceof DroverError)) throw error;
      // It may have no shell for us at all, or only none at this moment.
      if (!this.#withoutShell.has(name)) tell("host-unprobed", "it gives this guard no shell: of its hardware nothing is known; it is asked again now and then", { host: name });
      this.#withoutShell.set(name, LOOKS_WITHOUT);
      return undefined;
    }
  }
}
