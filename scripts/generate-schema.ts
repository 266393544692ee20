import { ANY_REF, readSchema, referredName, type PropertySchema, type ResourceSchema, type SchemaDocument, type TypeSchema } from "../provider/schema/document.js";

/** Everything that derives from `schema.json`, by path: TypeScript types and reference pages. */
export function generateFromSchema(): Promise<ReadonlyMap<string, string>> {
  const schema = readSchema();
  return Promise.resolve(new Map([["provider/schema/types.generated.ts", typesOf(schema)], ...referencePages(schema)]));
}

function typesOf(schema: SchemaDocument): string {
  const parts = [
    "// Generated from schema.json by `npm run generate`. Do not edit.",
    `import type { Input } from "@pulumi/pulumi";`,
    `import type { Ref } from "./ref.js";`,
  ];
  for (const [token, type] of Object.entries(schema.types)) {
    const name = referredName(token);
    parts.push(interfaceOf(name, type.description, type.properties, type.required ?? [], plain));
    parts.push(interfaceOf(`${name}Args`, type.description, type.properties, (type.required ?? []), wrapped));
  }
  for (const [token, resource] of Object.entries(schema.resources)) {
    const name = referredName(token);
    parts.push(interfaceOf(`${name}Args`, `What a \`${name}\` is declared with. ${resource.description}`, userInputs(resource), resource.requiredInputs, wrapped));
    if (resource.isComponent === true) continue;
    const filled = Object.entries(resource.inputProperties).filter(([, property]) => property.default !== undefined).map(([key]) => key);
    parts.push(interfaceOf(`${name}Inputs`, `A \`${name}\`'s inputs as its handler sees them: checked, defaults filled in, sizes as text.`, resource.inputProperties, [...resource.requiredInputs, ...filled], plain));
    const outputs = Object.fromEntries(Object.entries(resource.properties).filter(([key]) => !(key in resource.inputProperties)));
    parts.push(interfaceOf(`${name}Outputs`, `What is known of a \`${name}\` once it exists, beside its inputs.`, outputs, resource.required, plain));
  }
  return `${parts.join("\n\n")}\n`;
}

function userInputs(resource: ResourceSchema): Record<string, PropertySchema> {
  return Object.fromEntries(Object.entries(resource.inputProperties).filter(([, property]) => property.readOnly !== true));
}

function interfaceOf(name: string, description: string, properties: Readonly<Record<string, PropertySchema>>, required: readonly string[], write: (property: PropertySchema) => string): string {
  const lines = Object.entries(properties).map(([key, property]) => {
    const optional = required.includes(key) || (write === plain && property.default !== undefined) ? "" : "?";
    return `  /** ${describe(property)} */\n  readonly ${key}${optional}: ${write(property)};`;
  });
  return `/** ${description} */\nexport interface ${name} {\n${lines.join("\n")}\n}`;
}

function describe(property: PropertySchema): string {
  const parts = [property.description ?? ""];
  if (property.default !== undefined) parts.push(`Default: \`${String(property.default)}\`.`);
  return parts.join(" ").trim();
}

/** The type of a value as a handler sees it. */
function plain(property: PropertySchema): string {
  if (property.$ref === ANY_REF) return "unknown";
  if (property.$ref !== undefined) return referredName(property.$ref);
  if (property.enum !== undefined) return property.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (property.oneOf !== undefined) return property.oneOf.map(plain).join(" | ");
  if (property.type === "array") return `readonly ${parenthesize(plain(property.items ?? {}))}[]`;
  if (property.type === "object") return `Readonly<Record<string, ${plain(property.additionalProperties ?? {})}>>`;
  if (property.type === "integer") return "number";
  return property.type ?? "unknown";
}

/** The type of a value as a program gives it: plain, or an output. */
function wrapped(property: PropertySchema): string {
  if (property.$ref === ANY_REF) return "Input<unknown>";
  if (property.$ref?.endsWith("Ref") === true) return `Ref<${referredName(property.$ref)}>`;
  if (property.$ref !== undefined) return `Input<${referredName(property.$ref)}Args>`;
  if (property.format === "bytes") return "Input<string | number>";
  if (property.type === "array") return `readonly ${parenthesize(wrapped(property.items ?? {}))}[]`;
  if (property.type === "object") return `Readonly<Record<string, ${wrapped(property.additionalProperties ?? {})}>>`;
  return `Input<${plain(property)}>`;
}

function parenthesize(type: string): string {
  return type.includes("|") ? `(${type})` : type;
}

function referencePages(schema: SchemaDocument): [path: string, text: string][] {
  return Object.entries(schema.resources).map(([token, resource]) => {
    const name = referredName(token);
    const used = new Set<string>();
    collectTypes(schema, Object.values(resource.inputProperties), used);
    collectTypes(schema, Object.values(resource.properties), used);
    const outputs = Object.entries(resource.properties).filter(([key]) => !(key in resource.inputProperties));
    const sections = [
      `<!-- Generated from schema.json by \`npm run generate\`. Do not edit. -->\n# ${name}`,
      resource.description,
      `## Inputs\n\n${table(userInputs(resource), resource.requiredInputs, resource.properties)}`,
      ...(outputs.length === 0 ? [] : [`## Outputs\n\nBeside its inputs:\n\n${table(Object.fromEntries(outputs), resource.required, {})}`]),
      ...[...used].sort().map((type) => typeSection(type, schema.types[`drover:index:${type}`])),
    ];
    return [`docs/reference/${kebab(name)}.md`, `${sections.join("\n\n")}\n`];
  });
}

function typeSection(name: string, type: TypeSchema | undefined): string {
  if (type === undefined) throw new RangeError(`schema.json has no type ${name}`);
  return `## ${name}\n\n${type.description}\n\n${table(type.properties, type.required ?? [], {})}`;
}

function collectTypes(schema: SchemaDocument, properties: readonly PropertySchema[], into: Set<string>): void {
  for (const property of properties) {
    const inner = property.items ?? property.additionalProperties ?? property;
    if (inner.$ref === undefined || inner.$ref === ANY_REF) continue;
    const name = referredName(inner.$ref);
    if (into.has(name)) continue;
    into.add(name);
    collectTypes(schema, Object.values(schema.types[`drover:index:${name}`]?.properties ?? {}), into);
  }
}

function table(properties: Readonly<Record<string, PropertySchema>>, required: readonly string[], marks: Readonly<Record<string, PropertySchema>>): string {
  const rows = Object.entries(properties).map(([key, property]) => {
    const notes = [
      describe(property),
      ...(property.enum === undefined ? [] : [`One of ${property.enum.map((value) => `\`${value}\``).join(", ")}.`]),
      ...(marks[key]?.replaceOnChanges === true ? ["**A change replaces it.**"] : []),
      ...(property.secret === true ? ["Secret."] : []),
    ];
    return `| \`${key}\`${required.includes(key) ? " *" : ""} | ${typeName(property)} | ${notes.join(" ").replaceAll("|", "\\|")} |`;
  });
  return ["| property | type | |", "| --- | --- | --- |", ...rows, "", "\\* always there or needed"].join("\n");
}

function typeName(property: PropertySchema): string {
  if (property.$ref === ANY_REF) return "any";
  if (property.$ref !== undefined) return referredName(property.$ref);
  if (property.format === "bytes") return "size";
  if (property.oneOf !== undefined) return property.oneOf.map(typeName).join(" or ");
  if (property.type === "array") return `list of ${typeName(property.items ?? {})}`;
  if (property.type === "object") return `map of ${typeName(property.additionalProperties ?? {})}`;
  return property.type ?? "any";
}

function kebab(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, "$1-$2").toLowerCase();
}
