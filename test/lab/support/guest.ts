import assert from "node:assert/strict";
import { kind, type Resource } from "./kinds.js";
import { eventually, guestFacts, type GuestFacts, type TestHost } from "./lab.js";
import type { Site } from "./site.js";

/** The longest that the tiny guest may take to boot, beside other work on two cores. */
export const BOOT_MS = 120_000;

/** A VM of the kind's own making in a test: its declaration, its state, and what its guest sees. */
export class TestVm {
  readonly #vms = kind("VirtualMachine");
  readonly #site: Site;
  readonly #name: string;
  #inputs: Record<string, unknown>;
  #resource: Resource | undefined;

  /**
   * @param name its name in the program; the domain's name is one that no other test file uses
   * @param more inputs beside the tiny guest's: 192 MiB, the image as its root disk, no NIC
   */
  constructor(site: Site, name: string, more: Readonly<Record<string, unknown>> = {}) {
    this.#site = site;
    this.#name = name;
    this.#inputs = { host: site.host(), name: site.lab.name(name), memory: "192 MiB", disks: { root: { image: site.image } }, shutdown: { timeoutSeconds: 20 }, ...more };
  }

  get inputs(): Readonly<Record<string, unknown>> {
    return this.#inputs;
  }

  get resource(): Resource {
    assert.ok(this.#resource, "the VM was made");
    return this.#resource;
  }

  /** What the state says of it. */
  get outputs(): Resource["outputs"] {
    return this.resource.outputs;
  }

  /** The domain's name, as it is declared. */
  get domain(): string {
    return String(this.#inputs["name"]);
  }

  get host(): TestHost {
    return this.#site.lab.host(this.#resource === undefined ? this.#site.host().name : String(this.outputs["runsOn"]));
  }

  async create(): Promise<void> {
    this.#resource = await this.#vms.create(this.#name, this.#inputs);
  }

  /** `pulumi up` after an edit of the declaration; `undefined` takes an input away. */
  async up(edit: Readonly<Record<string, unknown>>): Promise<void> {
    this.#inputs = { ...this.#inputs, ...edit };
    this.#resource = await this.#vms.up(this.resource, this.#inputs);
  }

  /** What `pulumi preview` shows for an edit: whether anything changes, and the `changes` that check found. */
  async preview(edit: Readonly<Record<string, unknown>> = {}): Promise<{ differs: boolean; changes: unknown }> {
    const { changes, inputs } = await this.#vms.preview(this.resource, { ...this.#inputs, ...edit });
    return { differs: changes, changes: inputs["changes"] };
  }

  async refresh(): Promise<void> {
    this.#resource = await this.#vms.refresh(this.resource);
  }

  async delete(): Promise<void> {
    if (this.#resource === undefined) return;
    await this.#vms.delete(this.#resource);
    this.#resource = undefined;
  }

  /** What the guest sees; asked at the address that the VM's output names. */
  facts(timeoutMs?: number): Promise<GuestFacts> {
    return guestFacts(String(this.outputs["ipAddress"]), timeoutMs);
  }

  /** Asks the guest until it sees something. */
  async sees(what: string, probe: (facts: GuestFacts) => boolean, timeoutMs = 15_000): Promise<GuestFacts> {
    let last: GuestFacts | undefined;
    try {
      return await eventually(what, async () => {
        last = await this.facts();
        return probe(last) ? last : undefined;
      }, timeoutMs);
    } catch (error) {
      throw new Error(`the guest sees ${JSON.stringify(last)}`, { cause: error });
    }
  }

  /** The domain's document: of its definition, or of the running guest. */
  dump(which: "defined" | "live" = "defined"): Promise<string> {
    return this.host.virsh(["dumpxml", ...(which === "defined" ? ["--inactive", "--security-info"] : []), this.domain]);
  }
}
