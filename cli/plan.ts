import { readFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { DroverError, messageOf } from "../provider/base/error.js";
import { InventoryError, plan, whatIfLost, why, type Action, type Inventory, type Plan, type LossQuestion, type Violation, type WhatIf, type Why } from "../provider/plan/index.js";
import { differenceOf, differenceText, IF_FORMS, placeText } from "./plan-if.js";

/** For CI: nothing to do, changes, impossible (or no inventory at all). */
const EXIT_CODES: Readonly<Record<Plan["outcome"], number>> = { nothing: 0, changes: 2, impossible: 1 };
const TIMELINE_WIDTH = 40;

/** `drover plan`: plans an inventory from a file. */
export function planCommand(): Command {
  return new Command("plan")
    .description("plan an inventory from a file; exit code 0: nothing to do, 2: changes, 1: impossible")
    .argument("<file>", "the inventory, as docs/planner.md describes it")
    .option("--json", "as JSON; what is wrong too, as { error, mistakes }")
    .option("--starts <n>", "how many ways the search goes where the first leaves anything wrong, 1 to 64; the best is taken (instead of the inventory's own number)", numberOf)
    .option("--threads <n>", "threads that share these; they change how long it takes, and nothing else", numberOf, 1)
    .option("--why <vm>", "instead of the plan: why this VM goes or stays where it does, with a reason for each host")
    .addOption(new Option("--lose <what>", "instead of the plan: who would restart where, and who would not; host:ash, rack:r1 (or another label), any (each host), any:rack, 2 (each pair); exit code 1: somebody would not").conflicts(["why"]))
    .addOption(new Option("--if <change>", `instead of the plan: how it would differ if this were so; may be given several times (${IF_FORMS}); the exit code is that of the plan then`)
      .argParser((text: string, before: readonly string[]) => [...before, text]).default([]).conflicts(["lose", "why"]))
    .action(async (file: string, options: Options) => {
      try {
        await carryOut(file, options);
      } catch (error) {
        if (options.json !== true) throw error;
        // Who reads JSON reads it of a mistake too.
        console.log(JSON.stringify({ error: messageOf(error), ...(error instanceof InventoryError ? { mistakes: error.mistakes } : {}) }, undefined, 2));
        process.exitCode = EXIT_CODES.impossible;
      }
    });
}

async function carryOut(file: string, options: Options): Promise<void> {
  const read = await readInventory(file);
  const inventory = options.starts === undefined ? read : { ...read, starts: options.starts };
  if (options.lose !== undefined) {
    const found = lossOf(inventory, options.lose);
    console.log(options.json === true ? JSON.stringify(found, undefined, 2) : lossText(found));
    process.exitCode = found.isComplete && found.losses.every(({ left }) => left.length === 0) ? 0 : 1;
    return;
  }
  const print = <T>(data: T, text: (data: T) => string): void => { console.log(options.json === true ? JSON.stringify(data, undefined, 2) : text(data)); };
  if (options.if.length > 0) {
    const difference = differenceOf(inventory, options.if);
    print(difference, (data) => differenceText(options.if, data));
    process.exitCode = EXIT_CODES[difference.outcome.after];
    return;
  }
  const found = await plan(inventory, { threads: options.threads });
  if (options.why === undefined) print(found, planText);
  else print(whyOf(inventory, options.why, found), whyText);
  process.exitCode = EXIT_CODES[found.outcome];
}

interface Options {
  readonly json?: true;
  readonly why?: string;
  readonly lose?: string;
  readonly starts?: number;
  readonly threads: number;
  readonly if: readonly string[];
}

function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It is no whole number from 1.");
  return value;
}

function lossOf(inventory: Inventory, what: string): WhatIf {
  try {
    const question = questionOf(what);
    const found = whatIfLost(inventory, question);
    // More than there are is a question that was meant otherwise, and nothing that is survived.
    if (found.possible === 0 && "any" in question && question.any > 1) throw new InventoryError([`there are not ${question.any} hosts, or domains, that could be lost`]);
    return found;
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    throw new DroverError({ attempted: `look at the loss of ${what}`, answer: error.mistakes.join("; "), next: "give --lose host:NAME, LABEL:VALUE, any, any:LABEL or a number of hosts", cause: error });
  }
}

/** `host:ash,birch`, `rack:r1`, `any`, `any:rack`, `2` */
function questionOf(what: string): LossQuestion {
  const [kind = "", ...rest] = what.split(":");
  const value = rest.join(":");
  if (kind === "any") return { any: 1, ...(value === "" ? {} : { across: value }) };
  if (kind === "host") return { hosts: value.split(",") };
  return rest.length === 0 ? { any: Number(kind) } : { across: kind, domain: value };
}

/** For people: each loss with what becomes of its VMs. */
export function lossText({ losses, possible, isComplete }: WhatIf): string {
  const table = new Table({ head: ["lost", "VM", "from", "restarts on", "why not"], style: { head: [], border: [] } });
  for (const { lost, restarted, left, isProven } of losses) {
    for (const { vm, from, to, cells } of restarted) table.push([lost, vm, from, cells === undefined ? to : `${to} (cells ${cells.join(", ")})`, ""]);
    for (const { vm, from, reason } of left) table.push([lost, vm, from, "-", isProven ? reason : `${reason} (not proven)`]);
  }
  const bad = losses.filter(({ left }) => left.length > 0);
  const sum = losses.length === 0 ? "There is nothing that can be lost so." : bad.length === 0
    ? `${losses.length === 1 ? "It is" : `All ${losses.length} losses are`} survived.` : `${bad.length} of ${losses.length} losses ${bad.length === 1 ? "leaves" : "leave"} VMs without a place.`;
  return [table.length === 0 ? "" : table.toString(), isComplete ? sum : `${sum} Only the first ${losses.length} of ${possible} were looked at.`].filter((part) => part !== "").join("\n\n");
}

function whyOf(inventory: Inventory, vm: string, found: Plan): Why {
  const isKnown = inventory.vms.some(({ name, linked = [] }) => name === vm || linked.some((part) => `${name}/${part.name}` === vm));
  if (isKnown) return why(inventory, vm, found);
  throw new DroverError({ attempted: `explain where ${vm} is`, answer: "the inventory has no VM of this name", next: "give --why the name of one of its vms, or of a linked part of one (db/secondary)" });
}

/** For people: where a VM goes and why, and what each host is to it. */
export function whyText({ vm, from, to, reason, hosts }: Why): string {
  const table = new Table({ head: ["host", "", "why"], style: { head: [], border: [] } });
  for (const { host, verdict, rule, text } of hosts) table.push([host, verdict, rule === undefined || rule === "capacity" ? text : `${rule}: ${text}`]);
  const way = from === to ? (to === undefined ? "runs nowhere" : `stays on ${to}`) : from === undefined ? `starts on ${to ?? "no host"}` : to === undefined ? `leaves ${from}` : `goes from ${from} to ${to}`;
  return `${vm} ${way}: ${reason}\n\n${table.toString()}`;
}

async function readInventory(file: string): Promise<Inventory> {
  try {
    // What it says is checked by `plan`.
    return JSON.parse(await readFile(file, "utf8")) as Inventory;
  } catch (error) {
    throw new DroverError({ attempted: `read the inventory ${file}`, answer: messageOf(error), next: "give a JSON file with hosts and vms; docs/planner.md shows one", cause: error });
  }
}

/** A plan for people: what is wrong, what is done and when, what stays wrong. */
export function planText({ outcome, actions, makespanSeconds, violationsBefore, violationsAfter, conflict, isPartial, isDeterministic, isProven }: Plan): string {
  const parts = [violationsText("Not as it should be", violationsBefore)];
  if (outcome === "impossible") parts.push(`Impossible${conflict?.isMinimal === true ? " (take any of these away, and it is possible)" : ""}:\n${(conflict?.texts ?? []).map((text) => `  ${text}`).join("\n")}`);
  if (outcome === "impossible" && !isProven) parts.push("That there is no plan was not proved: the search found none.");
  if (outcome === "nothing") {
    parts.push(isPartial ? "Nothing is done: the budget does not suffice for any of what could be better." : "Nothing to do.", violationsText("Without a place", violationsAfter.filter(({ rule }) => rule === "place")));
  }
  if (outcome === "changes") parts.push(actionsTable(actions), timeline(actions, makespanSeconds), violationsText(isPartial ? "What stays so, for the budget does not suffice" : "What stays so", violationsAfter));
  if (!isDeterministic) parts.push("The time limit ended the search: on another run the plan may be another.");
  return parts.filter((part) => part !== "").join("\n\n");
}

function violationsText(title: string, violations: readonly Violation[]): string {
  return violations.length === 0 ? "" : `${title}:\n${violations.map(({ rule, hard, text }) => `  ${rule}${hard ? "" : " (soft)"}: ${text}`).join("\n")}`;
}

function actionsTable(actions: readonly Action[]): string {
  const table = new Table({ head: ["#", "action", "what", "from", "to", "starts", "takes", "MiB", "Mb/s", "why"], style: { head: [], border: [] } });
  for (const [index, { kind, subject, from, to, startSeconds, durationSeconds, mib, mbps, converges, reason }] of actions.entries()) {
    table.push([index, kind, subject, from === undefined ? "" : placeText(from), to === undefined ? "" : placeText(to), `${startSeconds} s`, `${durationSeconds} s`, mib ?? "", mbps ?? "", converges === false ? `${reason}; it changes memory as fast as it is copied` : reason]);
  }
  return table.toString();
}

/** Each action as a bar on one scale. */
function timeline(actions: readonly Action[], makespanSeconds: number): string {
  const width = Math.max(...actions.map(({ subject }) => subject.length));
  const at = (seconds: number): number => Math.round((seconds / makespanSeconds) * TIMELINE_WIDTH);
  const rows = actions.map(({ subject, startSeconds, durationSeconds }) => {
    const start = Math.min(at(startSeconds), TIMELINE_WIDTH - 1);
    const length = Math.max(1, at(startSeconds + durationSeconds) - start);
    return `${subject.padEnd(width)} |${" ".repeat(start)}${"=".repeat(length)}${" ".repeat(Math.max(0, TIMELINE_WIDTH - start - length))}|`;
  });
  return [...rows, `${" ".repeat(width)}  0 s${`${makespanSeconds} s`.padStart(TIMELINE_WIDTH - 3)}`].join("\n");
}
