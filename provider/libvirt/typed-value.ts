import { XdrError } from "./errors.js";
import type { XdrReader, XdrWriter } from "./xdr.js";

/** Value of a libvirt typed parameter (`remote_typed_param_value`). */
export type TypedValue =
  | { readonly type: "int" | "uint" | "double"; readonly value: number }
  | { readonly type: "llong" | "ullong"; readonly value: bigint }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string };

/** The wire's discriminants, VIR_TYPED_PARAM_*. */
const NUMBERS = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const;
const STRING_MAX_BYTES = 4_194_304;

export function encodeTypedValue(writer: XdrWriter, typed: TypedValue): void {
  writer.int(NUMBERS[typed.type]);
  switch (typed.type) {
    case "int": writer.int(typed.value); break;
    case "uint": writer.uint(typed.value); break;
    case "llong": writer.hyper(typed.value); break;
    case "ullong": writer.uhyper(typed.value); break;
    case "double": writer.double(typed.value); break;
    case "boolean": writer.int(typed.value ? 1 : 0); break;
    case "string": writer.string(typed.value, STRING_MAX_BYTES); break;
  }
}

export function decodeTypedValue(reader: XdrReader): TypedValue {
  const number = reader.int();
  switch (number) {
    case NUMBERS.int: return { type: "int", value: reader.int() };
    case NUMBERS.uint: return { type: "uint", value: reader.uint() };
    case NUMBERS.llong: return { type: "llong", value: reader.hyper() };
    case NUMBERS.ullong: return { type: "ullong", value: reader.uhyper() };
    case NUMBERS.double: return { type: "double", value: reader.double() };
    case NUMBERS.boolean: return { type: "boolean", value: reader.int() !== 0 };
    case NUMBERS.string: return { type: "string", value: reader.string(STRING_MAX_BYTES) };
    default: throw new XdrError(`a typed parameter has the unknown type ${number}`);
  }
}
