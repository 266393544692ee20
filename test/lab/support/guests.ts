import assert from "node:assert/strict";
import type { TestLab } from "./lab.js";
import type { Run } from "./pulumi.js";

/** The hosts on which each guest of a file runs, or is paused, by the guests' names without the prefix; asked of every host that is up. */
export async function copies(lab: TestLab, prefix: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const host of lab.hosts) {
    if (!await host.isRunning()) continue;
    const { stdout, stderr, code } = await host.exec(["virsh", "--quiet", "list", "--name"]);
    if (code !== 0) {
      // It died meanwhile, and all of its guests with it.
      assert.equal(await host.isRunning(), false, `${host.name} does not tell its guests: ${stderr}`);
      continue;
    }
    for (const name of stdout.split("\n")) {
      if (name.startsWith(prefix)) (found[name.slice(prefix.length)] ??= []).push(host.name);
    }
  }
  return found;
}

/** The host of each guest that runs. None runs twice. */
export async function places(lab: TestLab, prefix: string): Promise<Record<string, string>> {
  const found = await copies(lab, prefix);
  for (const [name, hosts] of Object.entries(found)) assert.equal(hosts.length, 1, `${name} runs on ${hosts.join(" and ")}`);
  return Object.fromEntries(Object.entries(found).map(([name, [host = ""]]): [string, string] => [name, host]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Names of the guests that a host knows, running or not, without the prefix. */
export async function definitions(lab: TestLab, host: string, prefix: string): Promise<string[]> {
  return (await lab.host(host).virsh(["list", "--all", "--name"])).split("\n").filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)).sort();
}

/** `true` while a guest's memory is on its way from a host. */
export async function isOnItsWay(lab: TestLab, host: string, domain: string): Promise<true | undefined> {
  const { stdout } = await lab.host(host).exec(["virsh", "domjobinfo", domain]);
  return /Data processed: +[0-9.]*[1-9]/.test(stdout) ? true : undefined;
}

/** A live migration as the plan in a run's output has it. */
export interface ShownMove {
  readonly vm: string;
  readonly from: string;
  readonly to: string;
  readonly group: number;
  readonly after: readonly number[];
  readonly reason: string;
}

/** The moves that a run shows; none where the placement stays as it is. */
export function movesOf(run: Run): readonly ShownMove[] {
  const plan = run.changes.find(({ kind }) => kind === "Placement")?.inputs["plan"] as { readonly moves: readonly ShownMove[] } | undefined;
  return plan?.moves ?? [];
}

/** As an operator would, with virsh: both hosts know each other's name, and storage that libvirt takes for local is shared. */
export async function migrateByHand(lab: TestLab, domain: string, from: string, to: string, options: readonly string[] = ["--persistent", "--undefinesource"]): Promise<void> {
  const { address } = lab.host(to).host;
  await lab.host(from).check(["virsh", "migrate", "--live", "--unsafe", ...options, domain, `qemu+tcp://${to}/system`, `tcp://${address}`]);
}
