import { readFileSync } from "node:fs";

/** A property in Pulumi's package schema, with the JSON Schema keywords that we use. */
export interface PropertySchema {
  readonly type?: "string" | "boolean" | "integer" | "number" | "array" | "object";
  readonly $ref?: string;
  readonly items?: PropertySchema;
  readonly additionalProperties?: PropertySchema;
  /** Any of these simple types. */
  readonly oneOf?: readonly PropertySchema[];
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** `bytes`: a size as people write it. */
  readonly format?: "bytes";
  readonly secret?: boolean;
  /** Computed by check, never given by the user. */
  readonly readOnly?: boolean;
  readonly replaceOnChanges?: boolean;
}

export interface TypeSchema {
  readonly description: string;
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
}

export interface ResourceSchema {
  readonly description: string;
  readonly inputProperties: Readonly<Record<string, PropertySchema>>;
  readonly requiredInputs: readonly string[];
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly required: readonly string[];
  readonly isComponent?: boolean;
}

/** `schema.json`, the one source of types, validators, defaults, replacements, secrets and reference pages. */
export interface SchemaDocument {
  readonly version: string;
  readonly types: Readonly<Record<string, TypeSchema>>;
  readonly resources: Readonly<Record<string, ResourceSchema>>;
}

const TOKEN = "drover:index:";
/** Pulumi's reference for a value of any shape. */
export const ANY_REF = "pulumi.json#/Any";

/** Reads `schema.json` at the root of the package, three folders above the compiled file. */
export function readSchema(): SchemaDocument {
  // The document is validated by `pulumi schema check` in the contract tests.
  return JSON.parse(readFileSync(new URL("../../../schema.json", import.meta.url), "utf8")) as SchemaDocument;
}

let cached: SchemaDocument | undefined;

/** @throws RangeError for a kind that the schema does not have */
export function resourceSchema(kind: string): ResourceSchema {
  cached ??= readSchema();
  const found = cached.resources[TOKEN + kind];
  if (found === undefined) throw new RangeError(`schema.json has no resource ${kind}`);
  return found;
}

/** Name of the type that a reference names: `#/types/drover:index:HostRef` → `HostRef`. */
export function referredName(ref: string): string {
  return ref.slice(ref.lastIndexOf(":") + 1);
}

/** @throws RangeError for a reference that the schema does not have */
export function referredType(ref: string): TypeSchema {
  cached ??= readSchema();
  const found = cached.types[TOKEN + referredName(ref)];
  if (found === undefined) throw new RangeError(`schema.json has no type for ${ref}`);
  return found;
}

/** The properties of an object whose type the schema names; none of a value of any shape. */
export function propertiesOf({ $ref }: PropertySchema): TypeSchema["properties"] | undefined {
  return $ref === undefined || $ref === ANY_REF ? undefined : referredType($ref).properties;
}

/** Whether the property is secret, or anything inside of it. */
export function holdsSecret(property: PropertySchema, above: readonly string[] = []): boolean {
  const { $ref, items, additionalProperties } = property;
  // A type that contains itself holds what the rest of it holds.
  if (property.secret === true || ($ref !== undefined && above.includes($ref))) return property.secret === true;
  const below = $ref === undefined ? above : [...above, $ref];
  return [items, additionalProperties, ...Object.values(propertiesOf(property) ?? {})].some((inner) => inner !== undefined && holdsSecret(inner, below));
}

/** Inputs whose change replaces the resource. The one list of them is in `schema.json`. */
export function replacingInputs(kind: string): string[] {
  const { inputProperties, properties } = resourceSchema(kind);
  return Object.keys(inputProperties).filter((name) => properties[name]?.replaceOnChanges === true);
}

/** Inputs that check computes, so that a difference in them alone is no change. */
export function computedInputs(kind: string): string[] {
  return Object.entries(resourceSchema(kind).inputProperties).filter(([, schema]) => schema.readOnly === true).map(([name]) => name);
}

export function inputNames(kind: string): string[] {
  return Object.keys(resourceSchema(kind).inputProperties);
}

/** Outputs that are not inputs. */
export function outputNames(kind: string): string[] {
  const { inputProperties, properties } = resourceSchema(kind);
  return Object.keys(properties).filter((name) => !(name in inputProperties));
}
