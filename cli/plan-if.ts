import Table from "cli-table3";
import { DroverError } from "../provider/base/error.js";
import { InventoryError, mistakesOf, whatChanges, type Change, type Changed, type Deed, type Difference, type Inventory, type Place, type RuleSpec, type Violation } from "../provider/plan/index.js";

/** For the command's help, and for whoever wrote it wrong. */
export const IF_FORMS = "host NAME STATE; host NAME PROPERTY=VALUE …; vm NAME PROPERTY=VALUE …; without RULE; rule JSON";

const STATES: readonly string[] = ["up", "maintenance", "leaving", "off", "lost", "unknown"];

/** What would be otherwise if all of this were so. */
export function differenceOf(inventory: Inventory, ifs: readonly string[]): Difference {
  // What is wrong with the inventory itself is not for the change to answer for.
  const mistakes = mistakesOf(inventory);
  if (mistakes.length > 0) throw new InventoryError(mistakes);
  const asked = ifs.join("; ");
  try {
    return whatChanges(inventory, changeOf(inventory, ifs));
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    throw new DroverError({ attempted: `look at what would change if ${asked}`, answer: error.mistakes.join("; "), next: `give --if one of: ${IF_FORMS}`, cause: error });
  }
}

/** Later ones go on from earlier ones: `host ash capacity.vcpus=8` and `host ash capacity.memoryMib=8192` change both. */
function changeOf(inventory: Inventory, ifs: readonly string[]): Change {
  const hosts: Record<string, Record<string, unknown>> = {};
  const vms: Record<string, Record<string, unknown>> = {};
  const withoutRules: string[] = [];
  const rules: RuleSpec[] = [];
  for (const text of ifs) {
    const [kind = "", name = "", ...words] = text.trim().split(/\s+/);
    const rest = text.trim().slice(kind.length).trim();
    if (kind === "without" && rest !== "") withoutRules.push(rest);
    else if (kind === "rule") rules.push(ruleOf(rest));
    else if ((kind === "host" || kind === "vm") && words.length > 0) {
      const [changes, things] = kind === "host" ? [hosts, inventory.hosts] : [vms, inventory.vms];
      const thing = things.find((each) => each.name === name) ?? {};
      let own: Record<string, unknown> = Object.hasOwn(changes, name) ? changes[name] ?? {} : {};
      for (const word of words) own = { ...own, ...setting(kind, word, { ...thing, ...own }) };
      Object.defineProperty(changes, name, { value: own, enumerable: true, configurable: true, writable: true });
    } else throw new InventoryError([`${text} is none of the forms that there are`]);
  }
  return { hosts, vms, withoutRules, rules };
}

/** `maintenance`, `running=false`, `demand.vcpus=4`: the property that becomes something else, whole. */
function setting(kind: string, word: string, thing: Record<string, unknown>): Record<string, unknown> {
  const at = word.indexOf("=");
  if (at === -1 && kind === "host" && STATES.includes(word)) return { state: word };
  const path = word.slice(0, Math.max(0, at)).split(".");
  if (path.some((part) => part === "")) throw new InventoryError([`${word} is ${kind === "host" ? `neither a state (${STATES.join(", ")}) nor ` : "not "}PROPERTY=VALUE`]);
  return put(thing, path, valueOf(word.slice(at + 1)));
}

/** The first property of a path with the last one set within it. */
function put(thing: unknown, [first = "", ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  if (rest.length === 0) return { [first]: value };
  const inner = typeof thing === "object" && thing !== null && Object.hasOwn(thing, first) ? (thing as Record<string, unknown>)[first] : {};
  return { [first]: { ...(typeof inner === "object" ? inner : {}), ...put(inner, rest, value) } };
}

/** JSON where it is some, else text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function ruleOf(text: string): RuleSpec {
  const rule = valueOf(text);
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) throw new InventoryError([`${text} is no rule: give one as JSON`]);
  // What it says is checked with the changed inventory.
  return rule as RuleSpec;
}

/** For people: how the plan would differ. */
export function differenceText(ifs: readonly string[], { outcome, makespanSeconds, assignments, actions, violations, conflict }: Difference): string {
  const words = { nothing: "nothing to do", changes: "changes", impossible: "impossible" } as const;
  const table = new Table({ head: ["", "as it is", "then"], style: { head: [], border: [] } });
  table.push(["outcome", words[outcome.before], words[outcome.after]], ["takes", `${makespanSeconds.before} s`, `${makespanSeconds.after} s`]);
  for (const { vm, before, after } of assignments) table.push([vm, placeText(before), placeText(after)]);
  const parts = [
    `If ${ifs.join(", and ")}:`, table.toString(), changedText("Done", actions, deedText), changedText("Wrong at the end", violations, violationText),
    conflict === undefined ? "" : `Impossible${conflict.isMinimal ? " (take any of these away, and it is possible)" : ""}:\n${conflict.texts.map((text) => `  ${text}`).join("\n")}`,
    outcome.before === outcome.after && assignments.length + countOf(actions) + countOf(violations) === 0 ? "Nothing would be otherwise." : "",
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function countOf({ added, gone }: Changed<unknown>): number {
  return added.length + gone.length;
}

function changedText<T>(title: string, { added, gone }: Changed<T>, textOf: (thing: T) => string): string {
  return [["then", added] as const, ["no more", gone] as const].filter(([, things]) => things.length > 0)
    .map(([when, things]) => `${title} ${when}:\n${things.map((thing) => `  ${textOf(thing)}`).join("\n")}`).join("\n\n");
}

export function placeText(place: Place | undefined): string {
  if (place === undefined) return "-";
  return place.cells === undefined ? place.host : `${place.host} (cells ${place.cells.join(", ")})`;
}

function deedText({ kind, subject, from, to }: Deed): string {
  return [kind, subject, ...(from === undefined ? [] : [`from ${placeText(from)}`]), ...(to === undefined ? [] : [`to ${placeText(to)}`])].join(" ");
}

function violationText({ rule, hard, text }: Violation): string {
  return `${rule}${hard ? "" : " (soft)"}: ${text}`;
}
