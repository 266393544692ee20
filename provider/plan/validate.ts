import { Ajv, type ValidateFunction } from "ajv";
import { closest } from "fastest-levenshtein";
import { partsRuleName, unlinked } from "./linked.js";
import type { Inventory, Labels, PlanHost, PlanVm, RuleSpec, Selection } from "./model.js";
import { policyKinds, policyOf } from "./policies/index.js";
import { ruleKinds } from "./rules/index.js";
import { listed, SELECTION, TEXT } from "./rules/rule.js";
import { Selections } from "./selections.js";
import { isSelection, ruleNameOf } from "./view.js";

/** What every object has by itself: as the name of an amount it would be found where there is none. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);
/** So that sums, and how long something takes, are numbers. */
const AMOUNT = { type: "number", minimum: 0, maximum: 1e9 };
/** Less than 1 Mb/s carries no guest, and a move never has less. */
const MBPS = { type: "number", minimum: 1, maximum: 1e9 };
/** A pattern, for it is asked of each amount of each VM: a list takes five times as long. */
const AMOUNTS = { type: "object", propertyNames: { pattern: `^(?!(?:${INHERITED.join("|")})$)\\P{Cc}*$` }, additionalProperties: AMOUNT };
const NAME = { ...TEXT, minLength: 1 };
const LABELS = { type: "object", propertyNames: TEXT, additionalProperties: TEXT };
const NAMES = { type: "array", items: NAME };
const PERCENT = { type: "number", minimum: 0, maximum: 100 };
const SECONDS = { type: "number", minimum: 0, maximum: 1e9 };
const POSITIVE_SECONDS = { type: "number", exclusiveMinimum: 0, maximum: 1e9 };

const HOST = {
  type: "object", additionalProperties: false, required: ["name", "capacity"],
  properties: {
    name: NAME, capacity: AMOUNTS, overcommit: AMOUNTS, reserved: AMOUNTS,
    numa: { type: "array", items: { type: "object", additionalProperties: false, required: ["capacity"], properties: { capacity: AMOUNTS } }, maxItems: 8 },
    labels: LABELS, networks: NAMES, pools: NAMES,
    link: { type: "object", additionalProperties: false, required: ["inMbps", "outMbps"], properties: { inMbps: MBPS, outMbps: MBPS } },
    cpu: { type: "object", additionalProperties: false, required: ["model"], properties: { model: TEXT, features: NAMES } },
    state: { enum: ["up", "maintenance", "leaving", "off", "lost", "unknown"] },
    cpuPercent: PERCENT, cpuMinutes: { type: "number", minimum: 0, maximum: 1e9 },
    power: { type: "object", additionalProperties: false, properties: { bootSeconds: POSITIVE_SECONDS, shutdownSeconds: POSITIVE_SECONDS, cost: { type: "number", minimum: 0, maximum: 1e9 } } },
  },
};

const PART = {
  type: "object", additionalProperties: false, required: ["name", "demand"],
  properties: {
    name: NAME, demand: AMOUNTS, host: TEXT, labels: LABELS, movable: { type: "boolean" }, networks: NAMES, pools: NAMES, copyMib: AMOUNT,
  },
};

const VM = {
  type: "object", additionalProperties: false, required: ["name", "demand"],
  properties: {
    name: NAME, demand: AMOUNTS, reservation: AMOUNTS, host: TEXT, cells: { type: "array", items: { type: "integer", minimum: 0 }, uniqueItems: true },
    running: { type: "boolean" }, labels: LABELS, movable: { type: "boolean" }, managed: { type: "boolean" }, priority: { type: "integer", minimum: 0, maximum: 1000 },
    numaCells: { type: "integer", minimum: 1, maximum: 8 },
    networks: NAMES, pools: NAMES, cpu: { type: "object", additionalProperties: false, properties: { model: TEXT, features: NAMES } },
    memoryUsedMib: AMOUNT, dirtyRateMbps: AMOUNT, hotMib: AMOUNT, hotSeconds: SECONDS,
    cpuPercent: PERCENT, linked: { type: "array", items: PART },
  },
};

const SCHEDULE = {
  type: "object", additionalProperties: false,
  properties: {
    parallelPerHost: { type: "integer", minimum: 1 }, mbpsPerMove: MBPS, objective: { enum: ["makespan", "ends"] }, seq: { type: "array", items: { ...NAMES, uniqueItems: true } },
    precedence: { type: "array", items: { type: "object", additionalProperties: false, required: ["before", "after"], properties: { before: SELECTION, after: SELECTION } } },
    windows: { type: "array", items: { type: "object", additionalProperties: false, required: ["vms"], properties: { vms: SELECTION, fromSeconds: SECONDS, untilSeconds: SECONDS } } },
    deadlines: { type: "array", items: { type: "object", additionalProperties: false, required: ["vms", "seconds"], properties: { vms: SELECTION, seconds: SECONDS } } },
    calibration: {
      type: "array",
      items: { type: "object", additionalProperties: false, required: ["vm", "mbps", "seconds"], properties: { vm: TEXT, mbps: MBPS, seconds: POSITIVE_SECONDS } },
    },
  },
};

const POLICY = {
  type: "object", additionalProperties: false, required: ["name"],
  properties: { name: { enum: policyKinds.map(({ name }) => name) }, parameters: { type: "object", additionalProperties: { type: ["number", "boolean"] } } },
};

const RULE_BASE = { kind: { type: "string" }, name: NAME, hard: { type: "boolean" }, priority: { type: "integer", minimum: 1, maximum: 10 }, continuous: { type: "boolean" } };

const declarable = ruleKinds.filter(({ always }) => always !== true);
/** `strictNumbers`: neither NaN nor infinity is an amount. A process plans once, mostly: code that is not optimized is generated sooner. That the schemas are schemas is tested (`validate.test.ts`). */
const ajv = new Ajv({ allErrors: true, strict: false, strictNumbers: true, meta: false, validateSchema: false, code: { optimize: false } });
/** The form of an inventory, but for what each kind of rule and policy asks for. */
export const INVENTORY = {
  type: "object", additionalProperties: false, required: ["hosts", "vms"],
  properties: {
    hosts: { type: "array", items: HOST }, vms: { type: "array", items: VM }, policy: POLICY, rebalance: { type: "boolean" }, domains: { ...NAMES, uniqueItems: true }, startWhatFits: { type: "boolean" }, seed: { type: "integer", minimum: 0 }, starts: { type: "integer", minimum: 1, maximum: 64 },
    rules: { type: "array", items: { type: "object", required: ["kind"], properties: { kind: { enum: declarable.map(({ kind }) => kind) } } } },
    budget: { type: "object", additionalProperties: false, minProperties: 1, properties: {
      vms: SELECTION, moves: { type: "integer", minimum: 0 }, mib: { type: "number", minimum: 0 }, searchSeconds: { type: "number", exclusiveMinimum: 0, maximum: 1e6 } } },
    schedule: SCHEDULE,
  },
};
const ruleSchemas = new Map(declarable.map(({ kind, properties, required }) => [kind, { type: "object", additionalProperties: false, required: ["kind", ...required], properties: { ...RULE_BASE, ...properties } }]));
/** Compiled when they are needed first: who calls the planner in a worker needs none in its own thread, and few need all kinds. */
const validators = new Map<object, ValidateFunction>();

function validatorOf(schema: object): ValidateFunction {
  const validator = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validator);
  return validator;
}

/** An inventory that is wrong: every mistake of it, each with its path. */
export class InventoryError extends Error {
  override readonly name = "InventoryError";

  constructor(readonly mistakes: readonly string[]) {
    super(`the inventory is wrong:\n${mistakes.map((mistake) => `  ${mistake}`).join("\n")}`);
  }
}

/**
 * Every mistake of an inventory, in words: of its form, and of what it says (names twice, rules about nothing).
 * @param value anything, such as a parsed JSON file
 */
export function mistakesOf(value: unknown): string[] {
  // What is said of a name that is wrong has it in it.
  return foundIn(value).map((text) => text.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`));
}

function foundIn(value: unknown): string[] {
  const isInventory = validatorOf(INVENTORY);
  if (!isInventory(value)) return (isInventory.errors ?? []).map(({ instancePath, message, params }) => `${instancePath === "" ? "the inventory" : instancePath.slice(1).replaceAll("/", ".")}: ${message ?? "is wrong"}${detail(params)}`);
  const declared = value as Inventory;
  // Parts are looked at like VMs; that one is there twice is said as their VM's mistake.
  const twins = partTwins(declared);
  if (twins.length > 0) return twins;
  const inventory = unlinked(declared);
  const [hosts, vms] = [new Selections(inventory.hosts), new Selections(inventory.vms)];
  return [...(hosts.hasTwins ? twice("host", inventory.hosts) : []), ...(vms.hasTwins ? twice("VM", inventory.vms) : []), ...declared.vms.flatMap(reservationMistakes), ...inventory.vms.flatMap(vmMistakesIn(inventory)),
    ...scheduleMistakes(inventory, vms), ...policyMistakes(inventory), ...budgetMistakes(inventory, vms), ...domainMistakes(inventory), ...ruleNameMistakes(declared), ...(declared.rules ?? []).flatMap((rule, index) => ruleMistakes(inventory, hosts, vms, rule, index))];
}

function partTwins({ vms }: Inventory): string[] {
  return vms.flatMap(({ name, linked = [] }) => twice("linked part", linked).map((text) => `${name}: ${text}`));
}

function detail(params: Record<string, unknown>): string {
  const named = params["additionalProperty"] ?? params["allowedValues"];
  return named === undefined ? "" : ` (${Array.isArray(named) ? named.join(", ") : JSON.stringify(named)})`;
}

function twice(what: string, things: readonly { readonly name: string }[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const { name } of things) if (seen.size === seen.add(name).size) again.add(name);
  return [...again].map((name) => `two ${what}s are named ${name}`);
}

function reservationMistakes({ name, demand, reservation = {} }: PlanVm): string[] {
  return Object.entries(reservation).flatMap(([resource, amount]) => (amount <= (demand[resource] ?? 0) ? [] : [`${name} reserves ${amount} ${resource} and demands ${demand[resource] ?? 0}`]));
}

function vmMistakesIn({ hosts }: Inventory): (vm: PlanVm) => string[] {
  const byName = new Map(hosts.map((host) => [host.name, host]));
  const known = hosts.length === 0 ? undefined : new Set(hosts.flatMap(({ capacity }) => Object.keys(capacity)));
  return (vm) => vmMistakes(vm, vm.host === undefined ? undefined : byName.get(vm.host), known);
}

/** @param known resources that hosts have; `undefined` where there are no hosts */
function vmMistakes({ name, demand, host: on, cells, numaCells, managed, running }: PlanVm, host: PlanHost | undefined, known: ReadonlySet<string> | undefined): string[] {
  const found: string[] = [];
  if (on !== undefined && host === undefined) found.push(`${name} is on ${on}, which is not among the hosts`);
  if (managed === false && on === undefined) found.push(`${name} is not managed and runs nowhere: it is none of the plan's`);
  if (managed === false && running === false) found.push(`${name} is not managed and shall not run: a plan never stops it; leave out running, or the VM where it does not run`);
  if (known !== undefined) for (const resource of Object.keys(demand)) if (!known.has(resource)) found.push(`${name} demands ${resource}, which no host has`);
  if (host !== undefined) for (const cell of cells ?? []) if (cell >= (host.numa?.length ?? 0)) found.push(`${name} uses NUMA cell ${cell} of ${host.name}, which has ${host.numa?.length ?? 0}`);
  if (numaCells !== undefined && on !== undefined && running !== false && cells?.length !== numaCells) found.push(`${name} spans ${numaCells} NUMA cells and uses ${cells?.length ?? 0}`);
  return found;
}

/** Names of VMs that there are not, in what is said of the schedule. */
function scheduleMistakes({ schedule: { seq = [], precedence = [], windows = [], deadlines = [], calibration = [] } = {}, vms: all }: Inventory, vms: Selections): string[] {
  const selections: readonly (readonly [string, Selection])[] = [
    ...seq.map((each, i) => [`seq.${i}`, each] as const), ...precedence.flatMap(({ before, after }, i) => [[`precedence.${i}.before`, before], [`precedence.${i}.after`, after]] as const),
    ...windows.map((each, i) => [`windows.${i}`, each.vms] as const), ...deadlines.map((each, i) => [`deadlines.${i}`, each.vms] as const), ["calibration", calibration.map(({ vm }) => vm)],
  ];
  const wrong = selections.flatMap(([at, selection]) => {
    if ("labels" in selection) return vms.indexesOf(selection).length > 0 ? [] : [`schedule.${at}: ${noLabels("VM", selection.labels, all)}`];
    return [...new Set(selection)].filter((name) => !vms.has(name)).map((name) => `schedule.${at}: there is no VM ${name}`);
  });
  const backwards = windows.flatMap(({ fromSeconds = 0, untilSeconds = Infinity }, i) => (untilSeconds > fromSeconds ? [] : [`schedule.windows.${i}: it ends before it begins`]));
  return [...wrong, ...backwards];
}

function policyMistakes({ policy }: Inventory): string[] {
  const kind = policyKinds.find(({ name }) => name === policy?.name);
  if (policy === undefined || kind === undefined) return [];
  const known = Object.keys(kind.parameters);
  const wrong = Object.entries(policy.parameters ?? {}).flatMap(([name, value]) => {
    const parameter = kind.parameters[name];
    if (parameter === undefined) return [`policy.parameters: ${kind.name} has no ${name}${known.length === 0 ? ", nor any other" : `; the nearest that it has is ${closest(name, known)}`}`];
    const check = ajv.compile(parameter.schema);
    return check(value) ? [] : [`policy.parameters.${name}: ${check.errors?.[0]?.message ?? "is wrong"}`];
  });
  const contradiction = wrong.length > 0 ? undefined : kind.mistake?.(policyOf(policy).values);
  return contradiction === undefined ? wrong : [`policy.parameters: ${contradiction}`];
}

function domainMistakes({ domains = [], hosts }: Inventory): string[] {
  const known = [...new Set(hosts.flatMap(({ labels = {} }) => Object.keys(labels)))];
  return domains.filter((label) => !known.includes(label)).map((label) => `domains: no host has a label ${label}${known.length === 0 ? "" : `; the nearest that there is is ${closest(label, known)}`}`);
}

/** What is said of labels that nothing has, and the nearest that there are. */
function noLabels(what: string, labels: Labels, things: readonly { readonly labels?: Labels }[]): string {
  const known = [...new Set(things.flatMap((thing) => Object.entries(thing.labels ?? {}).map(([key, value]) => `${key}=${value}`)))];
  const nearest = known.length === 0 ? "" : `; the nearest that there is to ${Object.entries(labels).map(([key, value]) => `${key}=${value} is ${closest(`${key}=${value}`, known)}`).join(", and to ")}`;
  return `no ${what} has these labels${nearest}`;
}

function budgetMistakes({ budget, vms: all }: Inventory, vms: Selections): string[] {
  if (budget?.vms === undefined) return [];
  if ("labels" in budget.vms) return vms.indexesOf(budget.vms).length > 0 ? [] : [`budget.vms: ${noLabels("VM", budget.vms.labels, all)}`];
  return budget.vms.filter((name) => !vms.has(name)).map((name) => `budget.vms: there is no VM ${name}`);
}

/** What plans themselves call what is broken without a declared rule. */
const FACTS: ReadonlySet<string> = new Set(["place", "cluster_maintenance", ...ruleKinds.filter(({ always }) => always === true).map(({ kind }) => kind)]);

/** Plans, the replay and `--if` tell rules apart by their names. */
function ruleNameMistakes({ rules = [], vms }: Inventory): string[] {
  const own = new Set(vms.flatMap(({ name, linked = [] }) => (linked.length === 0 ? [] : [partsRuleName(name)])));
  const placesOf = new Map<string, string[]>();
  const found: string[] = [];
  for (const [index, rule] of rules.entries()) {
    const name = ruleNameOf(rule, index);
    placesOf.set(name, [...(placesOf.get(name) ?? []), `rules.${index}`]);
    if (FACTS.has(name) || own.has(name) || /^rules\.\d+$/.test(name)) found.push(`rules.${index}: it is named ${name}, as plans call something of their own; give it another name`);
  }
  return [...found, ...[...placesOf].filter(([, places]) => places.length > 1).map(([name, places]) => `${listed(places)} are all named ${name}; give each a name of its own, or none`)];
}

function ruleMistakes(inventory: Inventory, hosts: Selections, vms: Selections, rule: RuleSpec, index: number): string[] {
  const schema = ruleSchemas.get(rule.kind);
  const check = schema === undefined ? undefined : validatorOf(schema);
  // Thousands of rules are right: what is said of a wrong one is put together only then.
  const at = (): string => `rules.${index} (${rule.name ?? rule.kind})`;
  if (check?.(rule) !== true) return (check?.errors ?? []).map(({ instancePath, message, params }) => `${at()}${instancePath.replaceAll("/", ".")}: ${message ?? "is wrong"}${detail(params)}`);
  const found: string[] = [];
  for (const [things, all, property, what] of [[vms, inventory.vms, "vms", "VM"], [hosts, inventory.hosts, "hosts", "host"]] as const) {
    const selection = rule[property];
    if (selection === undefined) continue;
    if (Array.isArray(selection)) {
      for (const name of selection) if (typeof name === "string" && !things.has(name)) found.push(`${at()}.${property}: there is no ${what} ${name}`);
    } else if (isSelection(selection) && "labels" in selection && things.indexesOf(selection).length === 0) found.push(`${at()}.${property}: ${noLabels(what, selection.labels, all)}`);
  }
  // Its schema has told that these are labels.
  const hostLabels = rule["hostLabels"] as Labels | undefined;
  if (hostLabels !== undefined && hosts.indexesOf({ labels: hostLabels }).length === 0) found.push(`${at()}.hostLabels: ${noLabels("host", hostLabels, inventory.hosts)}`);
  const across = rule["across"];
  const isDomain = typeof across !== "string" || across === "host" || (!INHERITED.includes(across) && hosts.hasLabel(across));
  if (!isDomain) found.push(`${at()}.across: no host has a label ${across}`);
  return found;
}
