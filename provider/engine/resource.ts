import * as pulumi from "@pulumi/pulumi";
import { inputNames, outputNames, resourceSchema } from "../schema/index.js";
import { registeredInputs } from "./inputs.js";
import { forgetLeakTraces, plainStacks } from "./plain-stacks.js";
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
   * @param readable inputs that are outputs of the class even where nobody gave them. Default: all. Each costs four promises with
   *   a stack trace, which is much for a kind of which there are thousands
   */
  constructor(kind: string, name: string, args: object, options: pulumi.CustomResourceOptions = {}, readable: readonly string[] = inputNames(kind)) {
    const type = resourceType(kind);
    forgetLeakTraces();
    const restoreStacks = plainStacks(import.meta.url);
    try {
      const urn = pulumi.createUrn(name, type, options.parent);
      super(type, name, {
        ...Object.fromEntries(outputNames(kind).map((output) => [output, undefined])),
        ...Object.fromEntries(readable.map((input) => [input, undefined])),
        ...registeredInputs(`${kind} ${name}`, resourceSchema(kind).inputProperties, args),
        [NAME_PROPERTY]: name,
        [KEY_PROPERTY]: withoutDependencies(urn).then(qualifiedName),
        __provider: providerText(kind),
      }, pulumi.mergeOptions(options, { hideDiffs: ["__provider", KEY_PROPERTY, NAME_PROPERTY] }));
    } finally {
      restoreStacks();
    }
  }
}

/** Pulumi's type of a kind's resources. */
export function resourceType(kind: string): string {
  return `pulumi-nodejs:dynamic/drover:${kind}`;
}

/**
 * An output's value as a promise. An output that names the parent would make the resource depend on its parent, which
 * Pulumi takes to mean "on all children of the parent", itself among them.
 */
export function withoutDependencies(output: pulumi.Output<string>): Promise<string> {
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
