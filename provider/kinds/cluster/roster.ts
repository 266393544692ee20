import { DroverError } from "../../base/error.js";
import type { RegisteredMember } from "./member.js";

/**
 * The list of a cluster's VMs while the program makes them. It closes by itself once the program's own code has run to its end
 * without waiting for anything: at the second turn of the event loop (Pulumi offers no signal for the end of a program), or,
 * for a program that awaits between its VMs, when that program says so.
 */
export class Roster {
  readonly #members = new Map<string, RegisteredMember>();
  readonly #cluster: string;
  readonly #closed: Promise<Readonly<Record<string, RegisteredMember>>>;
  #close: (members: Readonly<Record<string, RegisteredMember>>) => void = () => {};
  #isClosed = false;

  constructor(cluster: string, closes: "auto" | "manual") {
    this.#cluster = cluster;
    this.#closed = new Promise((resolve) => { this.#close = resolve; });
    if (closes === "auto") setImmediate(() => { setImmediate(() => { this.close(); }); });
  }

  /** All members, once the list is closed. */
  get members(): Promise<Readonly<Record<string, RegisteredMember>>> {
    return this.#closed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws DroverError for a VM that comes late, or whose name is taken */
  enlist(name: string, member: RegisteredMember): void {
    if (this.#isClosed) {
      throw new DroverError({ attempted: `declare VM ${name} in cluster ${this.#cluster}`, answer: "the cluster's VMs are being placed already: the program awaited something before it made this one",
        next: `make the cluster with roster: "manual", and call cluster.close() after its last VM` });
    }
    if (this.#members.has(name)) {
      throw new DroverError({ attempted: `declare VM ${name} in cluster ${this.#cluster}`, answer: "it has a VM of this name", next: "give one of the two another name" });
    }
    this.#members.set(name, member);
  }

  refuseWhenClosed(what: string): void {
    if (!this.#isClosed) return;
    throw new DroverError({ attempted: `${what} of cluster ${this.#cluster}`, answer: "the cluster's VMs are being placed already",
      next: `do it before the program awaits anything, or make the cluster with roster: "manual" and call cluster.close() after it` });
  }

  close(): void {
    this.#isClosed = true;
    this.#close(Object.fromEntries(this.#members));
  }
}
