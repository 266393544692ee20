import * as pulumi from "@pulumi/pulumi";
import { inputNames, outputNames, referredType, resourceSchema, type PropertySchema } from "../schema/index.js";
import { plainStacks } from "./plain-stacks.js";
import { KEY_PROPERTY, NAME_PROPERTY } from "./wire.js";

/**
 * The base of every resource class: registers it as a dynamic resource whose provider is one line of text.
 *
 * That line loads the package from the program's folder, where Pulumi starts the provider process, whether the program
 * is this repository, has the package installed, or is bundled. The state keeps some 150 bytes and never a stale copy
 * of the code, as the closure serializer of `pulumi.dynamic.Resource` would.
 */
export class DroverResource extends pulumi.CustomResource {
  /**
   * @param kind name of the resource in `schema.json`
   * @param args what the user gave; resources with a `ref` may stand where a reference is expected
   */
  constructor(kind: string, name: string, args: object, options: pulumi.CustomResourceOptions = {}) {
    const type = `pulumi-nodejs:dynamic/drover:${kind}`;
    const restoreStacks = plainStacks(import.meta.url);
    try {
      const urn = pulumi.createUrn(name, type, options.parent);
      super(type, name, {
        ...Object.fromEntries(outputNames(kind).map((output) => [output, undefined])),
        ...Object.fromEntries(inputNames(kind).map((input) => [input, undefined])),
        ...secretInputs(resourceSchema(kind).inputProperties, resolveRefs(args) as Record<string, unknown>),
        [NAME_PROPERTY]: name,
        [KEY_PROPERTY]: withoutDependencies(urn).then(qualifiedName),
        __provider: providerText(kind),
      }, pulumi.mergeOptions(options, { hideDiffs: ["__provider", KEY_PROPERTY, NAME_PROPERTY] }));
    } finally {
      restoreStacks();
    }
  }
}

/**
 * An output's value as a promise. An output that names the parent would make the resource depend on its parent, which
 * Pulumi takes to mean "on all children of the parent", itself among them.
 */
function withoutDependencies(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => { output.apply(resolve); });
}

/** The text that Pulumi's provider process evaluates (its `requireFromString`), the same for all resources of a kind. */
export function providerText(kind: string): string {
  return `exports.handler = () => require("module").createRequire(process.cwd() + "/")("drover/provider").provide("${kind}")`;
}

/** What tells a resource from all others of its program, whatever its stack is called: the parents' types, its own, its name. */
export function qualifiedName(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

/** Puts in place of each resource what it says of itself. */
function resolveRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolveRefs);
  if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value) || value instanceof Promise) return value;
  if ("ref" in value && pulumi.Resource.isInstance(value)) return value.ref;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveRefs(item)]));
}

/** Marks as secret what the schema calls so, at any depth, even when the program gave it in the clear. */
function secretInputs(properties: Readonly<Record<string, PropertySchema>>, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => {
    const property = properties[name];
    if (property === undefined || value === undefined) return [name, value];
    if (property.secret === true) return [name, pulumi.secret(value)];
    if (property.$ref === undefined || property.$ref.endsWith("/Any") || !isPlainObject(value)) return [name, value];
    return [name, secretInputs(referredType(property.$ref).properties, value)];
  }));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
