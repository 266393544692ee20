import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { breakHost, healHost } from "../lab/control.js";
import { labDown } from "../lab/down.js";
import { sharedFolder } from "../lab/host.js";
import type { Lab } from "../lab/model.js";
import { labPlace } from "../lab/place.js";
import { leaseDirectory, leaseHostId } from "../lab/sanlock.js";
import { labUp } from "../lab/up.js";
import { systemClock } from "../provider/base/clock.js";
import { silentLog } from "../provider/base/log.js";
import { DEFAULT_SETTINGS } from "../provider/guard/index.js";
import { CopyChecker, QUICK, RunningGuard } from "../test/lab/support/guard.js";
import { guardedProgram } from "../test/lab/support/guarded.js";
import { PulumiProject } from "../test/lab/support/pulumi.js";
import { benchLab } from "./lab-host.js";
import { median, report, summarize, type Bench } from "./report.js";

const PREFIX = "failover-";
const VMS = ["a", "b", "c", "d", "e", "f"];
const DEFAULT_RUNS = 10;
const PATIENCE_SECONDS = 120;
const SANLOCK = { ioTimeoutSeconds: 10, patienceSeconds: 300, runs: 3 };

/** A host dies, is fenced by its BMC, and its guests run on the others. */
export const failover: Bench = {
  name: "failover",
  summary: "seconds from a host's death to its first and its last guest running elsewhere, with power fencing; --runs N (default 10); --sanlock: by leases alone, with its defaults, in a lab of its own",
  async run(args) {
    const at = args.indexOf("--runs");
    const runs = at === -1 ? DEFAULT_RUNS : Number(args[at + 1]);
    if (args.includes("--sanlock")) {
      await byLeases(at === -1 ? SANLOCK.runs : runs);
      return;
    }
    const lab = await benchLab();
    const project = await PulumiProject.create({ program: "", project: "failover", environment: { ...lab.env } });
    const checker = new CopyChecker(PREFIX);
    try {
      await project.write(await guardedProgram(lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: VMS }));
      const made = await project.up();
      if (made.code !== 0) throw new Error(made.output);
      const quick = await measure(lab, project, QUICK, runs);
      const patient = await measure(lab, project, [], 1);
      const { lostSeconds, pollSeconds } = Object.fromEntries(QUICK.map((text) => text.split("="))) as Record<string, string>;
      const settings = `lostSeconds=${lostSeconds ?? ""} pollSeconds=${pollSeconds ?? ""}`;
      const figure = (name: string, values: readonly number[], details: Readonly<Record<string, string | number>>, goal: number): void => {
        report({ bench: "failover", figure: name, unit: "s", ours: median(values), peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: goal }, details: { runs: values.length, worst: Math.max(...values), ...details } });
      };
      figure("from a host's death to its first guest elsewhere, median", quick.map(({ first }) => first), { settings }, 15);
      figure("from a host's death to its last guest elsewhere, median", quick.map(({ last }) => last), { settings }, 15);
      figure("with the defaults, to the last", patient.map(({ last }) => last), { settings: `lostSeconds=${DEFAULT_SETTINGS.lostSeconds} pollSeconds=${DEFAULT_SETTINGS.pollSeconds}` }, 90);
      const most = await checker.stop();
      const twice = [...most.values()].filter((count) => count > 1).length;
      report({ bench: "failover", figure: "guests that ever had two copies", unit: "guests", ours: twice, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 0 } });
      summarize(`failover: ${quick.length} deaths of a host, last guest elsewhere after ${median(quick.map(({ last }) => last)).toFixed(1)} s; with the defaults ${patient.map(({ last }) => last.toFixed(1)).join(", ")} s; two copies: ${twice}`);
    } finally {
      await checker.stop();
      for (const { name } of lab.hosts) await healHost(labPlace(lab.name, lab.directory), name, silentLog);
      await project.remove();
    }
  },
};

/** Without fence devices: a host is dead when its lease has expired. */
async function byLeases(runs: number): Promise<void> {
  const place = labPlace("bench-sanlock");
  await labDown(place);
  const lab = await labUp(place, { hosts: 3, sanlock: SANLOCK.ioTimeoutSeconds }, silentLog);
  const project = await PulumiProject.create({ program: "", project: "failover", environment: { ...lab.env } });
  const checker = new CopyChecker(PREFIX);
  try {
    // Leases are no volumes.
    await mkdir(join(sharedFolder(lab), "guests"), { recursive: true });
    const leases = Object.fromEntries(lab.hosts.map(({ name }) => [name, { manager: "sanlock", directory: leaseDirectory(lab), hostId: leaseHostId(lab, name), ioTimeoutSeconds: SANLOCK.ioTimeoutSeconds }]));
    await project.write(await guardedProgram(lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: VMS, leases, folder: `${lab.sharedPath}/guests` }));
    const made = await project.up();
    if (made.code !== 0) throw new Error(made.output);
    const found = await measure(lab, project, [], runs, SANLOCK.patienceSeconds);
    const most = await checker.stop();
    const details = { runs: found.length, worst: Math.max(...found.map(({ last }) => last)), settings: `io_timeout=${SANLOCK.ioTimeoutSeconds}, the guard's defaults` };
    report({ bench: "failover", figure: "by sanlock alone, from a host's death to its last guest elsewhere, median", unit: "s", ours: median(found.map(({ last }) => last)), peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 180 }, details });
    const twice = [...most.values()].filter((count) => count > 1).length;
    report({ bench: "failover", figure: "guests that ever had two copies, by sanlock alone", unit: "guests", ours: twice, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 0 } });
  } finally {
    await checker.stop();
    for (const { name } of lab.hosts) await healHost(place, name, silentLog);
    await project.remove();
    await labDown(place);
  }
}

async function measure(lab: Lab, project: PulumiProject, settings: readonly string[], runs: number, patienceSeconds = PATIENCE_SECONDS): Promise<{ first: number; last: number }[]> {
  const place = labPlace(lab.name, lab.directory);
  // One host after the other dies here, and the same guests start each time.
  const set = [...settings, "stormMinutes=0", "graceSeconds=0", "mostStarts=100"];
  const guard = new RunningGuard(project.folder, project.environment, ["--set", ...set]);
  const found: { first: number; last: number }[] = [];
  try {
    await guard.tells("leader");
    await systemClock.sleep(8_000);
    for (let run = 0; run < runs; run += 1) {
      const where = await hostsOf(project);
      const [host = "", guests = []] = [...where].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
      const seen = guard.events.length;
      const diedMs = systemClock.nowMs();
      await breakHost(place, host, "host");
      const restarted = await Promise.all(guests.map((vm) => guard.tells("guest-restarted", { vm }, { from: seen, seconds: patienceSeconds })));
      const seconds = restarted.map(({ at }) => (Date.parse(at) - diedMs) / 1000);
      found.push({ first: Math.min(...seconds), last: Math.max(...seconds) });
      console.error(`${host}: ${guests.length} guests after ${seconds.map((each) => each.toFixed(1)).join(", ")} s`);
      await healHost(place, host, silentLog);
      await guard.tells("host-back", { host }, { from: seen, seconds: PATIENCE_SECONDS });
    }
  } finally {
    await guard.stop();
  }
  return found;
}

/** The VMs that run on each host, by their names in the program. */
async function hostsOf(project: PulumiProject): Promise<Map<string, string[]>> {
  const { output } = await project.drover("status", "--json");
  const { hosts } = JSON.parse(output) as { hosts: { name: string; domains?: { name: string; isActive: boolean }[] }[] };
  return new Map(hosts.map(({ name, domains = [] }) => [name, domains.filter((domain) => domain.isActive && domain.name.startsWith(PREFIX)).map((domain) => `vm-${domain.name.slice(PREFIX.length)}`)]));
}
