import type { Inventory, Plan } from "../../plan/index.js";
import type { ClusterPlan, SpareCapacity } from "../../schema/index.js";
import { headroomLines, type Headroom } from "./headroom.js";
import type { KnownHost } from "./inventory.js";

const MOST_LINES = 40;

/**
 * What an update of a cluster does, as an operator reads it in the terminal; one line where it does nothing and has no outlook.
 * @param headroom what a loss would do, where that is told
 */
export function report(cluster: string, shown: ClusterPlan, inventory: Inventory, hosts: readonly KnownHost[], headroom: readonly Headroom[] | undefined): string {
  const { notes = [], unplaced = [], spare } = shown;
  const running = inventory.vms.filter((vm) => vm.managed !== false && vm.running !== false).length;
  const starts = Object.entries(shown.starts);
  const summary = `${cluster}: ${count(running, "VM")} on ${count(hosts.length, "host")}`;
  const isQuiet = shown.moves.length === 0 && starts.length === 0 && shown.violations.length === 0 && shown.violationsAfter.length === 0 && notes.length === 0 && unplaced.length === 0;
  if (isQuiet && headroom === undefined) return `${summary}, nothing to move`;
  const lines = [
    shown.moves.length === 0 ? (starts.length === 0 ? `${summary}, nothing to move` : `${summary}, ${count(starts.length, "VM")} to start`) : `${summary}, ${count(shown.moves.length, "live migration")} in about ${duration(shown.seconds)}`,
    ...listed(moveLines(shown)),
    ...listed(starts.map(([vm, host]) => `  start ${vm} on ${host}`)),
    ...section("not as it should be now:", shown.violations),
    ...section("not as it should be afterwards:", shown.violationsAfter),
    ...notes,
    ...listed(unplaced.map((name) => `${name} is placed in \`up\`: something of it is not known yet`)),
    ...(spare === undefined || spare.length === 0 ? [] : [spareLine(spare)]),
    ...(headroom === undefined ? [] : listed(headroomLines(headroom))),
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
export function spareOf(inventory: Inventory, { assignments }: Plan): SpareCapacity[] {
  const used = new Map<string, { vcpus: number; memoryMib: number }>();
  for (const vm of inventory.vms) {
    const host = vm.managed === false ? vm.host : assignments[vm.name]?.host;
    if (host === undefined) continue;
    const sum = used.get(host) ?? { vcpus: 0, memoryMib: 0 };
    used.set(host, { vcpus: sum.vcpus + (vm.demand["vcpus"] ?? 0), memoryMib: sum.memoryMib + (vm.demand["memoryMib"] ?? 0) });
  }
  return inventory.hosts.filter((host) => (host.state ?? "up") === "up").map((host) => {
    const left = (resource: "vcpus" | "memoryMib"): number => Math.floor(((host.capacity[resource] ?? 0) - (host.reserved?.[resource] ?? 0)) * (host.overcommit?.[resource] ?? 1) - (used.get(host.name)?.[resource] ?? 0));
    return { host: host.name, memoryMib: left("memoryMib"), vcpus: left("vcpus") };
  });
}

function spareLine(spare: readonly SpareCapacity[]): string {
  const parts = spare.slice(0, MOST_LINES).map(({ host, memoryMib, vcpus }) => `${host} ${(memoryMib / 1024).toFixed(1)} GiB and ${vcpus} vCPUs`);
  return `spare afterwards: ${parts.join(", ")}${spare.length > parts.length ? `, and ${spare.length - parts.length} hosts more: all are in the property plan` : ""}`;
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
