import * as pulumi from "@pulumi/pulumi";
import { DroverError } from "../base/error.js";
import { holdsSecret, propertiesOf, type PropertySchema } from "../schema/index.js";

/**
 * What a program gave, as it is registered: a resource that stands where a reference is expected is its `ref`, and what the
 * schema calls secret is secret at any depth, even when the program gave it in the clear.
 *
 * The walk follows the schema: a value of which the schema says nothing is left as it is, whatever it is made of.
 *
 * @throws DroverError for a resource that has no `ref`, where a reference is expected
 */
export function registeredInputs(resource: string, properties: Readonly<Record<string, PropertySchema>>, args: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).map(([name, value]: [string, unknown]) => {
    const property = properties[name];
    return [name, property === undefined ? value : registered(property, value, { resource, path: name })];
  }));
}

/** Where a value stands: `disks.root.pool` of `VirtualMachine web`. */
interface Place {
  readonly resource: string;
  readonly path: string;
}

function registered(property: PropertySchema, value: unknown, place: Place): unknown {
  if (value === undefined || value === null) return value;
  if (property.secret === true) return pulumi.secret(value);
  // Not the whole output: what is beside the secret stays in the clear, or a preview would show nothing of a host whose ssh
  // options are another's output.
  if (pulumi.Output.isInstance(value)) return holdsSecret(property) ? value.apply((known) => registered(property, known, place)) : value;
  if (value instanceof Promise) return value.then((settled: unknown) => registered(property, settled, place));
  if (typeof value !== "object") return value;
  const { items, additionalProperties } = property;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item, index) => registered(items, item, below(place, `[${index}]`)));
  const properties = propertiesOf(property);
  if (pulumi.Resource.isInstance(value)) return properties === undefined ? value : registered(property, refOf(value, property, place), place);
  if (properties === undefined && additionalProperties === undefined) return value;
  // An instance of a class too: its own properties are what Pulumi takes from it.
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => {
    const inner = properties === undefined ? additionalProperties : properties[name];
    return [name, inner === undefined ? item : registered(inner, item, below(place, `.${name}`))];
  }));
}

function refOf(value: pulumi.Resource, { $ref }: PropertySchema, { resource, path }: Place): unknown {
  if ("ref" in value) return value.ref;
  throw new DroverError({
    attempted: `declare ${resource}`,
    answer: `${path} is a resource of class ${value.constructor.name}, which has no \`ref\``,
    next: `give a resource of Drover's, or an object as ${$ref?.slice($ref.lastIndexOf(":") + 1) ?? "the reference"} describes it`,
  });
}

function below({ resource, path }: Place, step: string): Place {
  return { resource, path: path + step };
}
