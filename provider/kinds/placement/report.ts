import type { Inventory, Plan } from "../../plan/index.js";
import type { ClusterPlan } from "../../schema/index.js";
import { headroomLines, type Headroom } from "./headroom.js";
import type { KnownHost } from "./inventory.js";

const MOST_LINES = 40;

/**
 * What an update of a cluster does, as an operator reads it in the terminal; one line where it does nothing.
 * @param headroom what a loss would do, where that is told, and with it what is spare
 */
export function report(cluster: string, shown: ClusterPlan, plan: Plan, inventory: Inventory, hosts: readonly KnownHost[], notes: readonly string[], headroom: readonly Headroom[] | undefined): string {
  const running = inventory.vms.filter((vm) => vm.managed !== false && vm.running !== false).length;
  const starts = Object.entries(shown.starts);
  const summary = `${cluster}: ${count(running, "VM")} on ${count(hosts.length, "host")}`;
  const isQuiet = shown.moves.length === 0 && starts.length === 0 && shown.violations.length === 0 && shown.violationsAfter.length === 0 && notes.length === 0;
  if (isQuiet && headroom === undefined) return `${summary}, nothing to move`;
  const lines = [
    shown.moves.length === 0 ? (starts.length === 0 ? `${summary}, nothing to move` : `${summary}, ${count(starts.length, "VM")} to start`) : `${summary}, ${count(shown.moves.length, "live migration")} in about ${duration(shown.seconds)}`,
    ...listed(moveLines(shown)),
    ...listed(starts.map(([vm, host]) => `  start ${vm} on ${host}`)),
    ...section("not as it should be now:", shown.violations),
    ...section("not as it should be afterwards:", shown.violationsAfter),
    ...notes,
    ...(headroom === undefined ? [] : [...spareLines(inventory, plan), ...listed(headroomLines(headroom))]),
  ];
  return lines.join("\n");
}

function moveLines({ moves }: ClusterPlan): string[] {
  const width = (of: (move: ClusterPlan["moves"][number]) => string): number => Math.max(...moves.map((move) => of(move).length));
  const vm = width((move) => move.vm);
  const from = width((move) => move.from);
  const to = width((move) => move.to);
  const size = width((move) => megabytes(move.megabytes));
  const time = width((move) => duration(move.seconds));
  return moves.map((move, index) => [
    `  ${String(index + 1).padStart(String(moves.length).length)}. move ${move.vm.padEnd(vm)}  ${move.from.padEnd(from)} → ${move.to.padEnd(to)}`,
    `group ${move.group}`, megabytes(move.megabytes).padStart(size), duration(move.seconds).padStart(time), move.reason,
  ].join("  "));
}

/** What is left on each host that may carry guests, as the plan leaves it. */
function spareLines(inventory: Inventory, { assignments }: Plan): string[] {
  const parts = inventory.hosts.filter((host) => (host.state ?? "up") === "up").map((host) => {
    const used = inventory.vms.filter((vm) => (vm.managed === false ? vm.host : assignments[vm.name]?.host) === host.name);
    const left = (resource: string): number => ((host.capacity[resource] ?? 0) - (host.reserved?.[resource] ?? 0)) * (host.overcommit?.[resource] ?? 1)
      - used.reduce((sum, vm) => sum + (vm.demand[resource] ?? 0), 0);
    return `${host.name} ${(left("memoryMib") / 1024).toFixed(1)} GiB and ${Math.floor(left("vcpus"))} vCPUs`;
  });
  return parts.length === 0 ? [] : [`spare afterwards: ${parts.slice(0, MOST_LINES).join(", ")}`];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...listed(lines.map((line) => `  ${line}`))];
}

function listed(lines: readonly string[]): string[] {
  return lines.length <= MOST_LINES ? [...lines] : [...lines.slice(0, MOST_LINES), `  … and ${lines.length - MOST_LINES} more: all are in the property plan`];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function megabytes(number: number): string {
  return `${Math.round(number)} MB`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
