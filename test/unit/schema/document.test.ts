import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { computedInputs, inputNames, outputNames, readSchema, replacingInputs, resourceSchema, type PropertySchema } from "../../../provider/schema/document.js";

const kinds = Object.keys(readSchema().resources).map((token) => token.slice(token.lastIndexOf(":") + 1));

describe("schema.json", () => {
  it("has all inputs of a resource among its properties, as Pulumi expects", () => {
    for (const kind of kinds.filter((name) => resourceSchema(name).isComponent !== true)) {
      const { properties } = resourceSchema(kind);
      // Placement's check takes `dryRun` away: it is a question to it, and no property of anything.
      assert.deepEqual(inputNames(kind).filter((name) => properties[name] === undefined && name !== "dryRun"), [], kind);
    }
  });

  it("requires only what it has", () => {
    for (const kind of kinds) {
      const { requiredInputs, required, inputProperties, properties } = resourceSchema(kind);
      assert.deepEqual([...requiredInputs.filter((name) => inputProperties[name] === undefined), ...required.filter((name) => properties[name] === undefined)], [], kind);
    }
  });

  it("never replaces a VM, whatever changes", () => {
    assert.deepEqual(replacingInputs("VirtualMachine"), []);
  });

  it("has no secret among the outputs that a handler makes, which nothing would mark as one", () => {
    for (const kind of kinds) {
      const { properties } = resourceSchema(kind);
      assert.deepEqual(outputNames(kind).filter((name) => holdsSecret(properties[name])), [], kind);
    }
  });

  it("tells what check computes apart from what is given", () => {
    assert.deepEqual(computedInputs("VirtualMachine"), ["changes", "cluster", "planned"]);
    assert.deepEqual(computedInputs("Host"), []);
  });

  it("has no kind of another name", () => {
    assert.throws(() => resourceSchema("Hsot"), new RangeError("schema.json has no resource Hsot"));
  });
});

function holdsSecret(property: PropertySchema | undefined, seen: readonly string[] = []): boolean {
  if (property === undefined) return false;
  if (property.secret === true) return true;
  const { $ref, items, additionalProperties } = property;
  if (items !== undefined || additionalProperties !== undefined) return holdsSecret(items ?? additionalProperties, seen);
  if ($ref === undefined || seen.includes($ref)) return false;
  const type = readSchema().types[$ref.replace("#/types/", "")];
  return Object.values(type?.properties ?? {}).some((inner) => holdsSecret(inner, [...seen, $ref]));
}
