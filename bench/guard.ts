import { systemClock } from "../provider/base/clock.js";
import { RunningGuard } from "../test/lab/support/guard.js";
import { guardedProgram } from "../test/lab/support/guarded.js";
import { PulumiProject } from "../test/lab/support/pulumi.js";
import { benchLab } from "./lab-host.js";
import { watch, type Usage } from "./processes.js";
import { report, summarize, type Bench } from "./report.js";

const GUESTS = 100;
const PREFIX = "guard-";
/** Compiled code and first definitions are not what goes on. */
const SETTLING_SECONDS = 30;
const WATCHED_SECONDS = 120;

/** What a guard costs while nothing happens. */
export const guardBench: Bench = {
  name: "guard",
  summary: `memory and CPU of a guard that watches the lab's hosts (bring it up with 8) with ${GUESTS} running guests, with the default settings, while nothing happens`,
  async run() {
    const lab = await benchLab();
    const project = await PulumiProject.create({ program: "", project: "guard", environment: { ...lab.env } });
    try {
      const vms = Array.from({ length: GUESTS }, (_, index) => `g${index}`);
      await project.write(await guardedProgram(lab, { guard: { directory: `${project.folder}/record` }, prefix: PREFIX, vms }));
      const made = await project.up();
      if (made.code !== 0) throw new Error(made.output);
      const guard = new RunningGuard(project.folder, project.environment, []);
      try {
        await guard.tells("leader");
        const before = await usage(guard.pid, SETTLING_SECONDS);
        const after = await usage(guard.pid, WATCHED_SECONDS);
        if (guard.events.length > 1) throw new Error(`something happened:\n${guard.story()}`);
        const share = 100 * (after.cpuSeconds - before.cpuSeconds) / WATCHED_SECONDS;
        const details = { hosts: lab.hosts.length, guests: GUESTS };
        report({ bench: "guard", figure: "peak resident memory", unit: "MB", ours: after.peakMb, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 150 }, details });
        report({ bench: "guard", figure: "CPU while nothing happens", unit: "% of a core", ours: share, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 5 }, details });
        summarize(`guard: ${lab.hosts.length} hosts, ${GUESTS} guests: ${after.peakMb.toFixed(0)} MB at most, ${share.toFixed(1)} % of a core`);
      } finally {
        await guard.stop();
      }
    } finally {
      await project.remove();
    }
  },
};

/** What a process has used so many seconds from now. */
async function usage(pid: number, seconds: number): Promise<Usage> {
  const stop = watch(pid, {});
  await systemClock.sleep(seconds * 1000);
  const { itself } = stop();
  if (itself === undefined) throw new Error("the guard is gone");
  return itself;
}
