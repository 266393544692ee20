import { readFileSync } from "node:fs";
import fc from "fast-check";
import { fieldName, typeName } from "../../../scripts/protocol-names.js";
import { TABLE_PATH, type Field, type ProtocolTable } from "../../../scripts/protocol-table.js";

/** The project's table of wire facts. The tests run from the project's folder. */
export const table = JSON.parse(readFileSync(TABLE_PATH, "utf8")) as ProtocolTable;

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const typedValue = fc.oneof(...[
  fc.record({ type: fc.constant("int"), value: fc.integer() }),
  fc.record({ type: fc.constant("uint"), value: fc.nat(0xffff_ffff) }),
  fc.record({ type: fc.constant("llong"), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ type: fc.constant("ullong"), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({ type: fc.constant("double"), value: fc.double() }),
  fc.record({ type: fc.constant("boolean"), value: fc.boolean() }),
  fc.record({ type: fc.constant("string"), value: text }),
].map((one) => one.map((value): object => ({ ...value }))));

/** Any value of a struct of the protocol. */
export function valueOf(struct: string): fc.Arbitrary<Record<string, unknown>> {
  const fields = table.types[struct];
  if (fields === undefined) throw new Error(`the table has no ${struct}`);
  return fc.record(Object.fromEntries(fields.map((field) => [fieldName(field.name), fieldValue(field)])), { noNullPrototype: true });
}

/** The names of all structs, in the protocol and in the generated code. */
export const structNames: readonly (readonly [struct: string, type: string])[] = Object.keys(table.types).map((struct) => [struct, typeName(struct)]);

function fieldValue(field: Field): fc.Arbitrary<unknown> {
  const one = field.optional === true ? fc.option(scalarValue(field), { nil: null }) : scalarValue(field);
  return field.list === undefined ? one : fc.array(one, { maxLength: Math.min(field.list, 4) });
}

function scalarValue(field: Field): fc.Arbitrary<unknown> {
  switch (field.type) {
    case "int": return fc.integer();
    case "uint": return fc.nat(0xffff_ffff);
    case "hyper": return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "uhyper": return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case "string": return text;
    case "opaque": return fc.uint8Array({ maxLength: Math.min(field.max ?? 0, 40) });
    case "uuid": return fc.uuid();
    case "chars": return fc.string({ unit: fc.constantFrom("a", "b", "Z", "-", "_", " ", "0"), maxLength: field.max ?? 0 });
    case "typed_value": return typedValue;
    default: return valueOf(field.type);
  }
}
