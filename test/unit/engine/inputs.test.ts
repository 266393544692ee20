import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { DroverError } from "../../../provider/base/error.js";
import { registeredInputs } from "../../../provider/engine/inputs.js";
import { propertiesOf, readSchema, resourceSchema, type PropertySchema } from "../../../provider/schema/document.js";

before(() => pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs as object }), call: () => ({}) }));

const SECRET = "hunter2";

/** A resource as those that programs make, with what others need of it. */
class Hosted extends pulumi.ComponentResource {
  constructor(name: string, readonly ref: object) { super("test:index:Hosted", name); }
}
/** What has a prototype of its own. */
class Options { toString(): string { return "options"; } }
class Plain extends pulumi.ComponentResource {
  constructor(name: string) { super("test:index:Plain", name); }
}

const host = { name: "ash", uri: "qemu:///system", owner: "o", ssh: { password: SECRET, identityFile: "key" } };
const pool = { name: "p", uuid: "u", owner: "o", path: "/p", shared: true, hosts: [host] };

function registered(kind: string, args: object): Record<string, unknown> {
  return registeredInputs(`${kind} x`, resourceSchema(kind).inputProperties, args);
}

/** What is registered, with a secret output as `[secret]` and everything else as it is when it is known. */
async function shown(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) {
    if (await pulumi.isSecret(value)) return "[secret]";
    return shown(await new Promise((resolve) => { value.apply(resolve); }));
  }
  if (value instanceof Promise) return shown(await value);
  if (Array.isArray(value)) return Promise.all(value.map(shown));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, item]: [string, unknown]) => [name, await shown(item)] as const)));
}

/** A value of everything that the schema knows, each secret in the clear; `wrap` is put around each object, list and map. */
function everything(property: PropertySchema, wrap: (value: object) => unknown): unknown {
  if (property.secret === true) return SECRET;
  const properties = propertiesOf(property);
  if (properties !== undefined) return wrap(every(properties, wrap));
  if (property.items !== undefined) return wrap([everything(property.items, wrap)]);
  if (property.additionalProperties !== undefined) return wrap({ one: everything(property.additionalProperties, wrap) });
  return "in the clear";
}

function every(properties: Readonly<Record<string, PropertySchema>>, wrap: (value: object) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, everything(property, wrap)]));
}

describe("what the schema calls secret", () => {
  const masked = { ...host, ssh: { password: "[secret]", identityFile: "key" } };

  it("is secret alone, in lists and in maps, whatever is around it", async () => {
    assert.deepEqual(await shown(registered("VirtualMachine", { host, disks: { root: { pool }, data: { disk: { volume: "v", format: "raw", pool } } }, memory: "1 GiB" })), {
      host: masked, disks: { root: { pool: { ...pool, hosts: [masked] } }, data: { disk: { volume: "v", format: "raw", pool: { ...pool, hosts: [masked] } } } }, memory: "1 GiB",
    });
  });

  const wraps: readonly (readonly [string, (value: object) => unknown])[] = [
    ["as it is", (value) => value],
    ["in outputs", (value) => pulumi.output(1).apply(() => value)],
    ["in promises", (value) => Promise.resolve(value)],
    ["in instances of a class", (value) => (Array.isArray(value) ? value : Object.assign(new Options(), value))],
  ];
  for (const [how, wrap] of wraps) {
    it(`is so at every place of every kind, given ${how}`, async () => {
      for (const [token, { inputProperties }] of Object.entries(readSchema().resources)) {
        const kind = token.slice(token.lastIndexOf(":") + 1);
        const given = every(inputProperties, (value) => value);
        const expected: unknown = JSON.parse(JSON.stringify(given).replaceAll(SECRET, "[secret]"));
        assert.deepEqual(await shown(registered(kind, every(inputProperties, wrap))), expected, kind);
      }
    });
  }

  it("is the whole of a value that may have any shape", async () => {
    assert.deepEqual(await shown(registered("VirtualMachine", { cloudInit: { userData: { password: SECRET }, metaData: { a: 1 } } })), { cloudInit: { userData: "[secret]", metaData: { a: 1 } } });
  });

  it("stays with all of an output that is secret already", async () => {
    assert.deepEqual(await shown(registered("VirtualMachine", { host: pulumi.secret(host) })), { host: "[secret]" });
  });

  it("is not asked of an output that cannot hold any", () => {
    const memory = pulumi.output("1 GiB");
    const network = pulumi.output({ name: "n" });
    const inputs = registered("VirtualMachine", { memory, nics: { lan: { network } } });
    assert.equal(inputs["memory"], memory);
    assert.deepEqual(Object.values(inputs["nics"] as { lan: object }), [{ network }]);
  });

  it("leaves what is not given", () => {
    assert.deepEqual(registered("Host", { uri: "u", ssh: undefined }), { uri: "u", ssh: undefined });
    assert.deepEqual(registered("Host", { uri: "u", ssh: { password: undefined, passphrase: null } }), { uri: "u", ssh: { password: undefined, passphrase: null } });
  });
});

describe("a resource where a reference is expected", () => {
  it("is its `ref`, at any depth, inside of outputs and promises too", async () => {
    const ash = new Hosted("ash", host);
    const disks = new Hosted("disks", { ...pool, hosts: pulumi.output(1).apply(() => [host]) });
    const masked = { ...host, ssh: { password: "[secret]", identityFile: "key" } };
    for (const given of [ash, pulumi.output(1).apply(() => ({ of: ash })).of, Promise.resolve(ash)]) {
      assert.deepEqual(await shown(registered("VirtualMachine", { host: given, disks: { root: { pool: disks } } })), { host: masked, disks: { root: { pool: { ...pool, hosts: [masked] } } } });
    }
  });

  it("is an error by its path when it has none, and is not walked into", () => {
    const lone = new Plain("lone");
    assert.throws(() => registered("VirtualMachine", { disks: { root: { pool: lone } } }), (error: unknown) => error instanceof DroverError
      && /could not declare VirtualMachine x: disks\.root\.pool is a resource of class Plain, which has no `ref`/.test(error.message) && /PoolRef/.test(error.next ?? ""));
    assert.throws(() => registered("StoragePool", { hosts: [new Hosted("birch", host), lone] }), /hosts\[1\] is a resource of class Plain/);
  });

  it("is no business of ours where none is expected", () => {
    const lone = new Plain("of no business");
    const inputs = registered("VirtualMachine", { memory: lone, hosst: lone, cloudInit: { metaData: { lone } } });
    assert.deepEqual([inputs["memory"], inputs["hosst"], (inputs["cloudInit"] as { metaData: { lone: unknown } }).metaData.lone], [lone, lone, lone]);
  });
});

describe("what is not described by the schema", () => {
  it("is handed over as it is: instances of classes, cycles", () => {
    const cycle: Record<string, unknown> = { at: new Date(0), list: [new Map()] };
    cycle["self"] = cycle;
    const inputs = registered("VirtualMachine", { unheard: cycle, cloudInit: { networkConfig: cycle } });
    assert.equal(inputs["unheard"], cycle);
    assert.equal((inputs["cloudInit"] as { networkConfig: unknown }).networkConfig, cycle);
  });
});
