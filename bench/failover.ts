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
import { CopyChecker } from "../test/lab/support/copies.js";
import { QUICK, RunningGuard } from "../test/lab/support/guard.js";
import { guardedProgram } from "../test/lab/support/guarded.js";
import { PulumiProject } from "../test/lab/support/pulumi.js";
import { benchLab } from "./lab-host.js";
import { median, report, summarize, type Bench } from "./report.js";

const PREFIX = "failover-";
const VMS = ["a", "b", "c", "d", "e", "f"];
const DEFAULT_RUNS = 10;
/** Deaths by the guard's defaults: each takes some 80 s, and the grace at its start 120 s before that. */
const RUNS_BY_DEFAULTS = 2;
const PATIENCE_SECONDS = 120;
const SANLOCK = { ioTimeoutSeconds: 10, patienceSeconds: 300 };

interface Death {
  readonly first: number;
  readonly last: number;
}

interface Deaths {
  readonly settings: readonly string[];
  readonly runs: number;
  readonly patienceSeconds?: number;
}

/** A host dies, is fenced by its BMC, and its guests run on the others. */
export const failover: Bench = {
  name: "failover",
  summary: `seconds from a host's death to its first and its last guest running elsewhere, as seen from outside, with power fencing; --runs N (default ${DEFAULT_RUNS}); --sanlock: by leases alone, with its defaults, in a lab of its own`,
  async run(args) {
    const at = args.indexOf("--runs");
    const runs = at === -1 ? DEFAULT_RUNS : Number(args[at + 1]);
    if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs ${args[at + 1] ?? ""}: a whole number above 0 is expected`);
    if (args.includes("--sanlock")) await byLeases(runs);
    else await byPower(runs);
  },
};

async function byPower(runs: number): Promise<void> {
  const lab = await benchLab();
  await counted(lab, "", (project) => guardedProgram(lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: VMS }), async (measure) => {
    // One host after the other dies here within a minute or two, which no limit of fences or starts may end.
    const settings = [...QUICK, "stormMinutes=0", "mostStarts=1000"];
    const quick = await measure({ settings, runs });
    figures("", quick, settings.join(" "), 15);
    // As a guard is that nobody has told anything. The limits of a storm hold too: each death has a guard of its own.
    const patient: Death[] = [];
    for (let run = 0; run < Math.min(runs, RUNS_BY_DEFAULTS); run += 1) patient.push(...await measure({ settings: [], runs: 1 }));
    figures(", with the defaults", patient, "the guard's defaults", 90);
    return `${quick.length} deaths of a host, last guest elsewhere after ${median(quick.map(({ last }) => last)).toFixed(1)} s; with the defaults ${patient.map(({ last }) => last.toFixed(1)).join(", ")} s`;
  });
}

/** Without fence devices: a host is dead when its lease has expired. */
async function byLeases(runs: number): Promise<void> {
  const place = labPlace("bench-sanlock");
  await labDown(place);
  const lab = await labUp(place, { hosts: 3, sanlock: SANLOCK.ioTimeoutSeconds }, silentLog);
  try {
    // Leases are no volumes.
    await mkdir(join(sharedFolder(lab), "guests"), { recursive: true });
    const leases = Object.fromEntries(lab.hosts.map(({ name }) => [name, { manager: "sanlock", directory: leaseDirectory(lab), hostId: leaseHostId(lab, name), ioTimeoutSeconds: SANLOCK.ioTimeoutSeconds }]));
    await counted(lab, ", by sanlock alone", (project) => guardedProgram(lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms: VMS, leases, folder: `${lab.sharedPath}/guests` }), async (measure) => {
      // No fence is counted here; the same guests start at each death.
      const settings = ["mostStarts=1000"];
      const found = await measure({ settings, runs, patienceSeconds: SANLOCK.patienceSeconds });
      figures(", by sanlock alone", found, `io_timeout=${SANLOCK.ioTimeoutSeconds}, the guard's defaults but ${settings.join(" ")}`, 180);
      return `${found.length} deaths of a host by sanlock alone, last guest elsewhere after ${median(found.map(({ last }) => last)).toFixed(1)} s`;
    });
  } finally {
    await labDown(place);
  }
}

type Measure = (deaths: Deaths) => Promise<Death[]>;

/** Makes the guests, counts their copies all the while, and leaves nothing. @param run gives the sum for people */
async function counted(lab: Lab, how: string, program: (project: PulumiProject) => Promise<string>, run: (measure: Measure) => Promise<string>): Promise<void> {
  const place = labPlace(lab.name, lab.directory);
  const project = await PulumiProject.create({ program: "", project: "failover", environment: { ...lab.env } });
  const checker = new CopyChecker(lab, PREFIX);
  try {
    await project.write(await program(project));
    const made = await project.up();
    if (made.code !== 0) throw new Error(made.output);
    const sum = await run((deaths) => measure(lab, project, checker, deaths));
    const twice = await checker.stop();
    report({ bench: "failover", figure: `guests that ever had two copies${how}`, unit: "guests", ours: twice.size, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 0 } });
    summarize(`failover: ${sum}; two copies: ${twice.size === 0 ? 0 : [...twice].map(([name, where]) => `${name} ${where}`).join("; ")}`);
  } finally {
    await checker.stop();
    for (const { name } of lab.hosts) await healHost(place, name, silentLog);
    await project.remove();
  }
}

function figures(how: string, deaths: readonly Death[], settings: string, goal: number): void {
  for (const which of ["first", "last"] as const) {
    const seconds = deaths.map((death) => death[which]);
    report({ bench: "failover", figure: `from a host's death to its ${which} guest elsewhere${how}, median`, unit: "s", ours: median(seconds), peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: goal }, details: { runs: seconds.length, worst: Math.max(...seconds), settings } });
  }
}

/** Hosts that die one after the other under one guard. A guest runs elsewhere when its processors do, which its QEMU's process tells. */
async function measure(lab: Lab, project: PulumiProject, checker: CopyChecker, { settings, runs, patienceSeconds = PATIENCE_SECONDS }: Deaths): Promise<Death[]> {
  const place = labPlace(lab.name, lab.directory);
  const guard = new RunningGuard(project.folder, project.environment, settings.length === 0 ? [] : ["--set", ...settings]);
  const found: Death[] = [];
  try {
    await guard.tells("leader");
    // It has to know the guests, and its grace has to be over, or that would be measured.
    await systemClock.sleep(settings.includes("graceSeconds=0") ? 8_000 : (DEFAULT_SETTINGS.graceSeconds + 10) * 1000);
    for (let run = 0; run < runs; run += 1) {
      const { host, guests } = busiest(checker.places);
      const seen = guard.events.length;
      const diedMs = systemClock.monotonicMs();
      await breakHost(place, host, "host");
      const seconds = await elsewhere(checker, guests, host, diedMs, patienceSeconds).catch((error: unknown) => { throw new Error(guard.story(), { cause: error }); });
      found.push({ first: Math.min(...seconds), last: Math.max(...seconds) });
      console.error(`${host}: ${guests.length} guests after ${seconds.map((each) => each.toFixed(1)).join(", ")} s`);
      await healHost(place, host, silentLog);
      await guard.tells("host-back", { host }, { from: seen, seconds: PATIENCE_SECONDS });
    }
  } finally {
    await guard.stop();
  }
  await guard.forgetFences();
  return found;
}

function busiest(places: ReadonlyMap<string, string>): { readonly host: string; readonly guests: readonly string[] } {
  const all = [...new Set(places.values())].map((host) => ({ host, guests: [...places].filter(([, each]) => each === host).map(([vm]) => vm) }));
  const [most] = all.sort((a, b) => b.guests.length - a.guests.length);
  if (most === undefined) throw new Error("no guest runs");
  return most;
}

/** When each guest ran on another host, in seconds since the death. */
async function elsewhere(checker: CopyChecker, guests: readonly string[], host: string, diedMs: number, patienceSeconds: number): Promise<number[]> {
  const seconds = new Map<string, number>();
  while (seconds.size < guests.length) {
    const passed = (systemClock.monotonicMs() - diedMs) / 1000;
    if (passed > patienceSeconds) throw new Error(`${guests.filter((name) => !seconds.has(name)).join(", ")} of ${host} run nowhere after ${patienceSeconds} s`);
    for (const name of guests) if (!seconds.has(name) && ![undefined, host].includes(checker.places.get(name))) seconds.set(name, passed);
    await systemClock.sleep(20);
  }
  return [...seconds.values()];
}
