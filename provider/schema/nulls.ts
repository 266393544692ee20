import { ANY_REF, referredType, type PropertySchema } from "./document.js";

/**
 * Takes out what was given as null: it stands for "not given", as `undefined` does, which never crosses Pulumi's wire. In a
 * value of any shape null has a meaning of its own (cloud-config knows it) and stays.
 * @param values changed in place
 */
export function dropNulls(properties: Readonly<Record<string, PropertySchema>>, values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    const property = properties[name];
    if (value === null) Reflect.deleteProperty(values, name);
    else if (property !== undefined) dropWithin(property, value);
  }
}

function dropWithin(property: PropertySchema, value: unknown): void {
  if (typeof value !== "object" || value === null || property.$ref === ANY_REF) return;
  const { $ref, items, additionalProperties } = property;
  if (Array.isArray(value)) {
    if (items !== undefined) value.forEach((item: unknown) => { dropWithin(items, item); });
  } else if ($ref !== undefined) {
    dropNulls(referredType($ref).properties, value as Record<string, unknown>);
  } else if (additionalProperties !== undefined) {
    const entries = Object.keys(value).map((name) => [name, additionalProperties] as const);
    dropNulls(Object.fromEntries(entries), value as Record<string, unknown>);
  }
}
