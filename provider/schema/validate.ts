import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { closest, distance } from "fastest-levenshtein";
import { formatBytes, parseBytes } from "../base/bytes.js";
import { messageOf } from "../base/error.js";
import { ANY_REF, readSchema, referredName, resourceSchema, type PropertySchema, type TypeSchema } from "./document.js";
import { dropNulls } from "./nulls.js";

/** One property that does not fit the schema. */
export interface SchemaFailure {
  /** Path of the property: `disks.root.size`. */
  readonly property: string;
  readonly reason: string;
}

const BYTES_KEYWORD = "droverBytes";
const SECRET_KEYWORD = "droverSecret";
const compiled = new Map<string, ValidateFunction>();
let bytesProblems: SchemaFailure[] = [];
let ajv: Ajv | undefined;

/**
 * Checks the inputs of a kind against `schema.json`, fills defaults, takes out nulls and brings sizes to their canonical text.
 * @param inputs plain values; changed in place
 * @param unknown the value that stands for one that is not known yet, which fits everywhere
 * @returns all failures at once
 */
export function validateInputs(kind: string, inputs: Record<string, unknown>, unknown: string): SchemaFailure[] {
  const validate = compiled.get(kind) ?? compileKind(kind);
  dropNulls(resourceSchema(kind).inputProperties, inputs);
  bytesProblems = [];
  validate(inputs);
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== BYTES_KEYWORD && valueAt(inputs, error.instancePath) !== unknown);
  // What has the wrong type is none of the allowed values either, which need not be said.
  const mistyped = new Set(errors.filter((error) => error.keyword === "type").map((error) => error.instancePath));
  const failures = errors.filter((error) => error.keyword !== "enum" || !mistyped.has(error.instancePath)).map((error) => explain(error, inputs));
  return [...failures, ...bytesProblems.filter((problem) => !problem.reason.includes(unknown))];
}

function compileKind(kind: string): ValidateFunction {
  ajv ??= newAjv();
  const { inputProperties, requiredInputs } = resourceSchema(kind);
  const validate = ajv.compile(objectSchema(inputProperties, requiredInputs));
  compiled.set(kind, validate);
  return validate;
}

function newAjv(): Ajv {
  const made = new Ajv({ allErrors: true, useDefaults: true, strict: true, allowUnionTypes: true, verbose: true });
  made.addKeyword({
    keyword: BYTES_KEYWORD,
    modifying: true,
    errors: false,
    validate: (_schema: unknown, data: unknown, _parent: unknown, place?: { instancePath: string; parentData: Record<string | number, unknown>; parentDataProperty: string | number }) => {
      if (place === undefined || (typeof data !== "string" && typeof data !== "number")) return true;
      try {
        place.parentData[place.parentDataProperty] = formatBytes(parseBytes(data));
        return true;
      } catch (error) {
        bytesProblems.push({ property: pathOf(place.instancePath), reason: messageOf(error) });
        return false;
      }
    },
  });
  // Checks nothing: it tells the words of an error that the value is not for the operator's screen.
  made.addKeyword({ keyword: SECRET_KEYWORD, schemaType: "boolean" });
  for (const [token, type] of Object.entries(readSchema().types)) made.addSchema(typeSchema(type), referredName(token));
  return made;
}

function typeSchema(type: TypeSchema): object {
  return objectSchema(type.properties, type.required ?? []);
}

function objectSchema(properties: Readonly<Record<string, PropertySchema>>, required: readonly string[]): object {
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, jsonSchema(property)])),
    required,
    additionalProperties: false,
  };
}

/** A property as plain JSON Schema. */
function jsonSchema(property: PropertySchema): object {
  if (property.$ref === ANY_REF) return {};
  if (property.$ref !== undefined) return { $ref: referredName(property.$ref), ...pick(property, ["description"]) };
  if (property.format === "bytes") return { type: ["string", "number"], [BYTES_KEYWORD]: true, ...pick(property, ["default", "description"]) };
  if (property.oneOf !== undefined) return { type: property.oneOf.map(({ type }) => type), ...pick(property, ["description"]) };
  return {
    ...pick(property, ["type", "default", "enum", "pattern", "minimum", "maximum", "description"]),
    ...(property.secret === true ? { [SECRET_KEYWORD]: true } : {}),
    ...(property.items === undefined ? {} : { items: jsonSchema(property.items) }),
    ...(property.additionalProperties === undefined ? {} : { additionalProperties: jsonSchema(property.additionalProperties) }),
  };
}

function pick(property: PropertySchema, names: readonly (keyof PropertySchema)[]): object {
  return Object.fromEntries(names.filter((name) => property[name] !== undefined).map((name) => [name, property[name]]));
}

/** What an error's own schema tells, where ajv hands it over. */
interface ErrorSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly [SECRET_KEYWORD]?: boolean;
}

/** One error of ajv in words for the person who wrote the program. */
function explain(error: ErrorObject, inputs: unknown): SchemaFailure {
  const property = pathOf(error.instancePath);
  const params = error.params as Record<string, unknown>;
  const schema = error.parentSchema as ErrorSchema | undefined;
  const got = schema?.[SECRET_KEYWORD] === true ? "something else (it is secret)" : show(valueAt(inputs, error.instancePath));
  switch (error.keyword) {
    case "additionalProperties": {
      const name = String(params["additionalProperty"]);
      const known = Object.keys(schema?.properties ?? {});
      return { property: join(property, name), reason: `there is no such property${nearest(name, known)}; known are ${known.join(", ")}` };
    }
    case "required": {
      const name = String(params["missingProperty"]);
      const description = schema?.properties?.[name]?.description;
      return { property: join(property, name), reason: description === undefined ? "is missing" : `is missing: ${description}` };
    }
    case "type": {
      const isCompound = params["type"] === "object" || params["type"] === "array";
      return { property, reason: `expected ${typeNames(params["type"])}, got ${isCompound ? sort(valueAt(inputs, error.instancePath)) : got}` };
    }
    case "enum": {
      const allowed = (params["allowedValues"] as unknown[]).map(String);
      return { property, reason: `expected one of ${allowed.join(", ")}, got ${got}${nearest(String(valueAt(inputs, error.instancePath)), allowed)}` };
    }
    case "pattern":
      return { property, reason: `expected text of the form ${String(params["pattern"])}, got ${got}` };
    case "minimum":
    case "maximum":
      return { property, reason: `expected a number ${String(params["comparison"])} ${String(params["limit"])}, got ${got}` };
    default:
      return { property, reason: `${error.message ?? error.keyword}, got ${got}` };
  }
}

/** ` (did you mean "vcpus"?)` when a known name is near. */
function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const candidate = closest(name, [...known]);
  return distance(name, candidate) <= Math.max(2, Math.floor(name.length / 3)) ? ` (did you mean "${candidate}"?)` : "";
}

/** What people call JSON's types. */
const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ["integer", "a whole number"], ["number", "a number"], ["boolean", "true or false"], ["string", "text"], ["array", "a list"], ["object", "an object"],
]);

function typeNames(type: unknown): string {
  const types = (Array.isArray(type) ? type : [type]).map(String);
  return types.map((name) => TYPE_NAMES.get(name) ?? name).join(" or ");
}

/** A simple value as it was written; of others their sort, for secrets may be within. */
function show(value: unknown): string {
  if (typeof value === "object" || value === undefined) return sort(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function sort(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  return typeNames(Array.isArray(value) ? "array" : typeof value);
}

/** `/disks/root/size` → `disks.root.size`. */
function pathOf(pointer: string): string {
  return segments(pointer).join(".");
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function segments(pointer: string): string[] {
  return pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(root: unknown, pointer: string): unknown {
  let value: unknown = root;
  for (const part of segments(pointer)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
