/**
 * Writes `provider/libvirt/protocol/protocol.json`, the project's own table of wire facts: the procedures and enums
 * that `wanted.json` names and every type these need, out of the description of libvirt's whole interface.
 *
 * Run it after a change of `wanted.json`: `node dist/scripts/extract-protocol.js DESCRIPTION.json`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { TABLE_PATH, WANTED_PATH, type Field, type ProcedureFacts, type ProtocolTable, type TypeFacts } from "./protocol-table.js";

interface Source {
  source: string;
  constants: Record<string, number>;
  enums: Record<string, Record<string, number>>;
  typedefs: Record<string, { type: string; fixed?: string; max?: string; optional?: boolean }>;
  structs: Record<string, { name: string; type: string; max?: string; fixed?: string }[]>;
  programs: Record<"remote" | "qemu", { program: number; procedures: SourceProcedure[] }>;
  api_enums: Record<string, Record<string, number>>;
}
interface SourceProcedure { name: string; number: number; args?: string; ret?: string; event?: string; readstream?: number; writestream?: number }
interface Group { repeatable?: string[]; change?: string[]; slowRepeatable?: string[]; slowChange?: string[]; events?: string[] }
interface Wanted extends Group { qemu: Group; structs: string[]; enums: Record<string, [name: string, prefix: string]> }

const sourcePath = process.argv[2] ?? "../shared/data/libvirt-protocol.json";
const source = JSON.parse(await readFile(sourcePath, "utf8")) as Source;
const wanted = JSON.parse(await readFile(WANTED_PATH, "utf8")) as Wanted;

const procedures = [...procedureFacts("remote", wanted), ...procedureFacts("qemu", wanted.qemu)];
const types: Record<string, TypeFacts> = {};
for (const name of wanted.structs) addStruct(name);
for (const procedure of procedures) {
  for (const name of [procedure.args, procedure.ret, procedure.event]) if (name !== undefined) addStruct(name);
}
const enums: ProtocolTable["enums"] = {};
for (const [sourceName, [name, prefix]] of Object.entries(wanted.enums)) {
  const values = Object.entries(found(source.api_enums[sourceName], sourceName)).filter(([key]) => key.startsWith(prefix));
  enums[name] = { source: sourceName, values: Object.fromEntries(values.map(([key, value]) => [key.slice(prefix.length), value])) };
}
const table: ProtocolTable = { source: source.source, procedures, types, enums };
await writeFile(TABLE_PATH, format(table));

function procedureFacts(program: "remote" | "qemu", group: Group): ProcedureFacts[] {
  const described = new Map(source.programs[program].procedures.map((procedure) => [procedure.name, procedure]));
  const facts: ProcedureFacts[] = [];
  const add = (names: string[] | undefined, traits: Pick<ProcedureFacts, "repeatable" | "slow">): void => {
    for (const name of names ?? []) {
      const { number, args, ret, event, readstream, writestream } = found(described.get(name), name);
      const stream = writestream !== undefined ? "up" as const : readstream !== undefined ? "down" as const : undefined;
      facts.push({
        name, program, number, ...traits,
        ...(args !== undefined && { args }), ...(ret !== undefined && { ret }), ...(event !== undefined && { event }), ...(stream !== undefined && { stream }),
      });
    }
  };
  add(group.repeatable, { repeatable: true });
  add(group.change, {});
  add(group.slowRepeatable, { repeatable: true, slow: true });
  add(group.slowChange, { slow: true });
  add(group.events, {});
  return facts;
}

function addStruct(name: string): void {
  if (name in types) return;
  const fields: Field[] = [];
  types[name] = fields;
  for (const field of found(source.structs[name], name)) fields.push(resolve(field));
}

/** A field with its typedefs resolved to the kinds that the generator knows. */
function resolve(field: { name: string; type: string; max?: string; fixed?: string; optional?: boolean }): Field {
  const typedef = source.typedefs[field.type];
  if (typedef !== undefined) {
    if (typedef.type === "opaque") return { name: field.name, type: "uuid" };
    const inner = resolve({ name: field.name, type: typedef.type, ...(typedef.max !== undefined && { max: typedef.max }) });
    const own = { ...inner, ...(typedef.optional === true && { optional: true }) };
    return field.max === undefined ? own : { ...own, list: constant(field.max) };
  }
  const size = field.max ?? field.fixed;
  if (field.type === "string" || field.type === "opaque") return { name: field.name, type: field.type, max: constant(found(size, field.name)) };
  if (field.type === "char" && field.fixed !== undefined) return { name: field.name, type: "chars", max: constant(field.fixed) };
  const scalar = { int: "int", char: "int", "unsigned int": "uint", unsigned: "uint", "unsigned char": "uint", "unsigned short": "uint", hyper: "hyper", "unsigned hyper": "uhyper" }[field.type];
  let type = scalar ?? (field.type in source.enums ? "int" : field.type);
  if (field.type === "remote_typed_param_value") type = "typed_value";
  else if (scalar === undefined && type !== "int") addStruct(type);
  return { name: field.name, type, ...(size !== undefined && { list: constant(size) }) };
}

function constant(name: string): number {
  return /^[0-9]+$/.test(name) ? Number(name) : found(source.constants[name], name);
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${sourcePath} does not describe ${name}`);
  return value;
}

/** JSON with one procedure, type or enum on a line. */
function format(value: ProtocolTable): string {
  const lines = (object: object): string => Object.entries(object).map(([key, entry]) => `    ${JSON.stringify(key)}: ${JSON.stringify(entry)}`).join(",\n");
  return `{\n  "source": ${JSON.stringify(value.source)},\n  "procedures": [\n${value.procedures.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n")}\n  ],\n`
    + `  "types": {\n${lines(value.types)}\n  },\n  "enums": {\n${lines(value.enums)}\n  }\n}\n`;
}
