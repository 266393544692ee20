import { mock } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import { KEY_PROPERTY, NAME_PROPERTY, type Properties } from "../../../provider/engine/wire.js";
import { provide } from "../../../provider/provider.js";

/** A resource as Pulumi's state holds it. */
export interface Resource {
  readonly name: string;
  readonly id: string;
  /** What the last check returned. */
  readonly inputs: Properties;
  /** Inputs and outputs together. */
  readonly outputs: Properties;
}

export interface Preview {
  readonly inputs: Properties;
  readonly changes: boolean;
  readonly replaces: readonly string[];
}

/** Inputs that a check refused, as one text: `property: reason`, line by line. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

/** A create or update that failed half-way: what Pulumi's state holds afterwards. */
export class HalfDone extends Error {
  override readonly name = "HalfDone";

  constructor(message: string, readonly resource: Resource) {
    super(message);
  }
}

/**
 * One kind's whole life in this process, through the dynamic provider that Pulumi's provider process loads and with
 * Pulumi's order of calls. What goes in and comes out crosses JSON as it would cross the wire.
 *
 * @example
 * const vms = kind("VirtualMachine");
 * let web = await vms.create("web", { host, memory: "256 MiB", disks: { root: { image } } });
 * assert.equal((await vms.preview(web, inputs)).changes, false);
 * web = await vms.up(web, { ...inputs, vcpus: 2 });
 * await vms.delete(web);
 */
export function kind(name: string): TestKind {
  return new TestKind(name);
}

export class TestKind {
  readonly #kind: string;
  readonly #provider: pulumi.dynamic.ResourceProvider;

  constructor(name: string) {
    this.#kind = name;
    this.#provider = provide(name);
  }

  /**
   * @param key what tells the resource from all others of its program; by default its kind and name
   * @throws CheckFailed
   */
  async check(name: string, inputs: object, old?: Resource, key = this.#keyOf(name)): Promise<Properties> {
    const news = { ...onTheWire(inputs), [NAME_PROPERTY]: name, [KEY_PROPERTY]: key };
    const result = await required(this.#provider.check)(onTheWire(old?.inputs ?? {}), news);
    const failures = result.failures ?? [];
    if (failures.length > 0) throw new CheckFailed(failures.map(({ reason }) => reason).join("\n"));
    return onTheWire(result.inputs as object);
  }

  /** @throws CheckFailed, HalfDone */
  async create(name: string, inputs: object, key?: string): Promise<Resource> {
    const checked = await this.check(name, inputs, undefined, key);
    const made = await halfDone(name, checked, () => this.#provider.create(onTheWire(checked)));
    return { name, id: made.id, inputs: checked, outputs: onTheWire(made.outs as object) };
  }

  /** What an update to these inputs would do. @throws CheckFailed */
  async preview(old: Resource, inputs: object): Promise<Preview> {
    const checked = await this.check(old.name, inputs, old, keyIn(old));
    const difference = await required(this.#provider.diff)(old.id, onTheWire(old.outputs), onTheWire(checked));
    return { inputs: checked, changes: difference.changes ?? false, replaces: difference.replaces ?? [] };
  }

  /** As `pulumi up` does it: nothing where there is no difference. @throws CheckFailed, HalfDone, and a plain error where it would replace */
  async up(old: Resource, inputs: object): Promise<Resource> {
    const preview = await this.preview(old, inputs);
    if (preview.replaces.length > 0) throw new Error(`${old.name} would be replaced because of ${preview.replaces.join(", ")}`);
    if (!preview.changes) return old;
    const updated = await halfDone(old.name, preview.inputs, () => required(this.#provider.update)(old.id, onTheWire(old.outputs), onTheWire(preview.inputs)));
    return { name: old.name, id: old.id, inputs: preview.inputs, outputs: onTheWire(updated.outs as object) };
  }

  /** As `pulumi refresh` does it; `undefined` when the resource is gone. */
  async refresh(old: Resource): Promise<Resource | undefined> {
    const found = await reported(() => required(this.#provider.read)(old.id, onTheWire(old.outputs)));
    if (found.id === undefined || found.id === "") return undefined;
    const { inputs } = found as { readonly inputs?: object };
    return { name: old.name, id: found.id, inputs: onTheWire(inputs ?? old.inputs), outputs: onTheWire(found.props as object) };
  }

  async delete(old: Resource): Promise<void> {
    await reported(() => required(this.#provider.delete)(old.id, onTheWire(old.outputs)));
  }

  #keyOf(name: string): string {
    return `pulumi-nodejs:dynamic/drover:${this.#kind}::${name}`;
  }
}

/** Runs something and returns what the kinds told the operator meanwhile: `warning: NAME: …`, line by line. */
export async function told(run: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const write = mock.method(process.stderr, "write", (text: string | Uint8Array) => {
    lines.push(String(text));
    return true;
  });
  try {
    await run();
  } finally {
    write.mock.restore();
  }
  return lines.join("");
}

/** Runs a method; its error is as Pulumi shows it: the message alone. */
async function reported<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof Error ? asReported(error) : error;
  }
}

function asReported(error: Error): Error {
  return new Error(error.message, { cause: error });
}

async function halfDone<T>(name: string, inputs: Properties, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!("id" in error) || !("properties" in error)) throw asReported(error);
    throw new HalfDone(error.message, { name, id: String(error.id), inputs, outputs: onTheWire(error.properties as object) });
  }
}

function keyIn(resource: Resource): string {
  return String(resource.inputs[KEY_PROPERTY]);
}

function onTheWire(value: object): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}

function required<T>(method: T | undefined): T {
  if (method === undefined) throw new Error("the dynamic provider lacks a method");
  return method;
}
