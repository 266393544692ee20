/** Generates the typed XDR codecs, procedures, methods and constants of the libvirt client from `protocol.json`. */
import { readFile } from "node:fs/promises";
import { PROTOCOL_DIRECTORY, TABLE_PATH, type Field, type ProcedureFacts, type ProtocolTable } from "./protocol-table.js";
import { fieldName, methodName, typeName } from "./protocol-names.js";

const HEADER = "// Generated from protocol.json by scripts/generate-protocol.ts: edit those and run `npm run generate`.\n";

/** The generated files: path → content. */
export async function generateProtocol(): Promise<ReadonlyMap<string, string>> {
  const table = JSON.parse(await readFile(TABLE_PATH, "utf8")) as ProtocolTable;
  return new Map([
    [`${PROTOCOL_DIRECTORY}/types.generated.ts`, types(table)],
    [`${PROTOCOL_DIRECTORY}/procedures.generated.ts`, procedures(table)],
    [`${PROTOCOL_DIRECTORY}/calls.generated.ts`, calls(table)],
    [`${PROTOCOL_DIRECTORY}/constants.generated.ts`, constants(table)],
  ]);
}

function types(table: ProtocolTable): string {
  const structs = Object.entries(table.types);
  const codecs = structs.map(([name]) => `  ${typeName(name)}: { encode: encode${typeName(name)}, decode: decode${typeName(name)} },`);
  return `${HEADER}import type { XdrReader, XdrWriter } from "../xdr.js";\n`
    + `import { decodeTypedValue, encodeTypedValue, type TypedValue } from "../typed-value.js";\n\n`
    + structs.map(([name, fields]) => struct(name, fields, table)).join("\n")
    + `\n/** Every struct's codec by name. */\nexport const codecs = {\n${codecs.join("\n")}\n};\n`;
}

function struct(name: string, fields: Field[], table: ProtocolTable): string {
  const type = typeName(name);
  const reads = fields.map((field) => `    ${fieldName(field.name)}: ${decodeField(field, table)},`);
  return `/** ${name} */\nexport interface ${type} {\n${fields.map((field) => `  ${fieldName(field.name)}: ${fieldType(field)};`).join("\n")}\n}\n`
    + `function encode${type}(w: XdrWriter, v: ${type}): void {\n${fields.map((field) => `  ${encodeField(field)}`).join("\n")}\n}\n`
    + `function decode${type}(r: XdrReader): ${type} {\n  return {\n${reads.join("\n")}\n  };\n}\n`;
}

const SCALARS: ReadonlyMap<string, { type: string; method: string; size: number }> = new Map([
  ["int", { type: "number", method: "int", size: 4 }],
  ["uint", { type: "number", method: "uint", size: 4 }],
  ["hyper", { type: "bigint", method: "hyper", size: 8 }],
  ["uhyper", { type: "bigint", method: "uhyper", size: 8 }],
  ["uuid", { type: "string", method: "uuid", size: 16 }],
  ["string", { type: "string", method: "string", size: 4 }],
  ["opaque", { type: "Uint8Array", method: "opaque", size: 4 }],
  ["chars", { type: "string", method: "chars", size: 4 }],
]);

function fieldType(field: Field): string {
  const one = field.type === "typed_value" ? "TypedValue" : SCALARS.get(field.type)?.type ?? typeName(field.type);
  const item = field.optional === true ? `${one} | null` : one;
  return field.list === undefined ? item : field.optional === true ? `(${item})[]` : `${item}[]`;
}

function limits(field: Field): string {
  return field.max === undefined ? "" : `, ${field.max}`;
}

function encodeField(field: Field): string {
  const value = `v.${fieldName(field.name)}`;
  const one = (expression: string): string => {
    const scalar = SCALARS.get(field.type);
    if (field.type === "typed_value") return `encodeTypedValue(w, ${expression})`;
    return scalar === undefined ? `encode${typeName(field.type)}(w, ${expression})` : `w.${scalar.method}(${expression}${limits(field)})`;
  };
  const item = (expression: string): string => field.optional === true ? `if (w.present(${expression})) ${one(expression)};` : `${one(expression)};`;
  return field.list === undefined ? item(value) : `w.count(${value}.length, ${field.list}); for (const item of ${value}) { ${item("item")} }`;
}

function decodeField(field: Field, table: ProtocolTable): string {
  const scalar = SCALARS.get(field.type);
  let one = scalar === undefined ? `decode${typeName(field.type)}(r)` : `r.${scalar.method}(${limits(field).replace(/^, /, "")})`;
  if (field.type === "typed_value") one = "decodeTypedValue(r)";
  if (field.optional === true) one = `r.present() ? ${one} : null`;
  return field.list === undefined ? one : `r.list(${field.list}, ${smallestSize(field, table)}, ${scalar === undefined ? one.replace("(r)", "") : `(r) => ${one}`})`;
}

/** The fewest bytes that one item of a list takes: a count beyond what the frame can hold is refused before anything is allocated. */
function smallestSize(field: Field, table: ProtocolTable): number {
  if (field.optional === true) return 4;
  if (field.type === "typed_value") return 8;
  if (field.type === "chars") return 4 * (field.max ?? 0);
  const scalar = SCALARS.get(field.type);
  if (scalar !== undefined) return scalar.size;
  return (table.types[field.type] ?? []).reduce((sum, inner) => sum + (inner.list === undefined ? smallestSize(inner, table) : 4), 0);
}

function procedures(table: ProtocolTable): string {
  const called = table.procedures.filter((procedure) => procedure.event === undefined);
  const events = table.procedures.filter((procedure) => procedure.event !== undefined);
  const entry = (procedure: ProcedureFacts): string => {
    const codec = (name: string | undefined): string => name === undefined ? "nothing" : `codecs.${typeName(name)}`;
    return `  ${methodName(procedure)}: { name: "${methodName(procedure)}", program: ${procedure.program.toUpperCase()}_PROGRAM, number: ${procedure.number}, `
      + `args: ${codec(procedure.args)}, ret: ${codec(procedure.ret)}, repeatable: ${procedure.repeatable === true}, slow: ${procedure.slow === true}`
      + `${procedure.stream === undefined ? "" : `, stream: "${procedure.stream}"`} },`;
  };
  return `${HEADER}import { nothing, QEMU_PROGRAM, REMOTE_PROGRAM } from "../procedure.js";\nimport { codecs } from "./types.generated.js";\n\n`
    + `/** What can be called, by the method's name. */\nexport const procedures = {\n${called.map(entry).join("\n")}\n} as const;\n\n`
    + `/** What the daemon sends unasked, by its number in the main program. */\nexport const eventMessages = {\n`
    + events.map((event) => `  ${event.number}: { name: "${methodName(event)}", message: codecs.${typeName(event.event ?? "")} },`).join("\n")
    + `\n} as const;\n`;
}

function calls(table: ProtocolTable): string {
  const called = table.procedures.filter((procedure) => procedure.event === undefined && procedure.stream === undefined);
  const used = [...new Set(called.flatMap((procedure) => [procedure.args, procedure.ret]).filter((name) => name !== undefined).map(typeName))].sort();
  const method = (procedure: ProcedureFacts): string => {
    const name = methodName(procedure);
    const ret = procedure.ret === undefined ? "void" : typeName(procedure.ret);
    const traits = [procedure.repeatable === true ? "changes nothing" : "", procedure.slow === true ? "may take seconds" : ""].filter((trait) => trait !== "").join(", ");
    const doc = `  /** ${procedure.program}_${procedure.name} (${procedure.number})${traits === "" ? "" : `: ${traits}`}. */\n`;
    return procedure.args === undefined
      ? `${doc}  ${name}(): Promise<${ret}> { return this.call(procedures.${name}, undefined); }`
      : `${doc}  ${name}(args: ${typeName(procedure.args)}): Promise<${ret}> { return this.call(procedures.${name}, args); }`;
  };
  return `${HEADER}import type { Procedure } from "../procedure.js";\nimport { procedures } from "./procedures.generated.js";\n`
    + `import type { ${used.join(", ")} } from "./types.generated.js";\n\n`
    + `/** Every procedure as a typed method over one {@link LibvirtCalls.call}. */\nexport abstract class LibvirtCalls {\n`
    + `  /** Makes one call; every method goes through it. */\n  abstract call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args): Promise<Ret>;\n\n`
    + `${called.map(method).join("\n")}\n}\n`;
}

function constants(table: ProtocolTable): string {
  const block = ([name, { source, values }]: [string, ProtocolTable["enums"][string]]): string => {
    const entries = Object.entries(values).map(([key, value]) => `  ${key}: ${value},`);
    return `/** ${source} */\nexport const ${name} = {\n${entries.join("\n")}\n} as const;\n`;
  };
  return HEADER + Object.entries(table.enums).map(block).join("\n");
}
