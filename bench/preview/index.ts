import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackState } from "../../cli/stack-state.js";
import { closeHosts } from "../../provider/inventory/hosts.js";
import { PulumiProject } from "../../test/lab/support/pulumi.js";
import type { Lab } from "../../lab/model.js";
import { benchLab } from "../lab-host.js";
import { report, summarize, type Bench } from "../report.js";
import { hostName, sizesOf, vmsOn, type FleetSize } from "../placement/fleet.js";
import { RECORDED, record, whileSimulated, type Recorded } from "../placement/recorded.js";
import { nameOf } from "./texts.js";
import { fleetState } from "./fleet-state.js";
import { fleetProgram, MAINTENANCE, trivialProgram } from "./programs.js";
import { preview, type Preview } from "./run.js";
import { whileStored } from "./stored.js";

const SIZES: readonly FleetSize[] = [{ hosts: 3, vms: 100 }, { hosts: 8, vms: 267 }, { hosts: 100, vms: 3_333 }, { hosts: 300, vms: 10_000 }];
/** Pulumi itself takes longer than anybody waits for, somewhere. */
const LIMIT_MS = 10 * 60_000;
const CHECK_GOAL = { of: "ours", relation: "≤", value: 15 } as const;

/** What an operator of a large cluster waits for, with all that Pulumi does around it. */
export const previewBench: Bench = {
  name: "preview",
  summary: "seconds of a whole `pulumi preview` for 3, 8, 100 and 300 (or --hosts N) simulated hosts with up to 10,000 VMs, quiet and with a host to be emptied, against as many trivial resources",
  async run(args) {
    const sizes = sizesOf(args, SIZES);
    const lab = await benchLab();
    Object.assign(process.env, lab.env);
    const folder = await mkdtemp(join(tmpdir(), "drover-bench-preview-"));
    try {
      const recorded = await record(lab, folder);
      for (const size of sizes) {
        const trivial = await measureTrivial(size);
        await whileSimulated(size, recorded, folder, () => measure(size, recorded, lab, folder, trivial));
      }
    } finally {
      await closeHosts();
      await rm(folder, { recursive: true });
    }
  },
};

async function measure(size: FleetSize, recorded: Recorded, lab: Lab, folder: string, trivial: Preview): Promise<void> {
  await whileStored({ program: fleetProgram(size, lab, folder), project: RECORDED.project, environment: lab.env }, fleetState(size, recorded, folder), async (project) => {
    const quiet = await preview(project, LIMIT_MS);
    refuseChanges(quiet);
    tell(size, "nothing to do", quiet, trivial);
    const drained = await preview(project, LIMIT_MS, { [MAINTENANCE]: hostName(0) });
    const moves = Number(/([0-9]+) live migrations? in about/.exec(drained.output)?.[1] ?? 0);
    if (!drained.wasCut && moves < vmsOn(size, 0).length) throw new Error(`the fleet is not as it was meant: ${moves} moves from a host of ${vmsOn(size, 0).length} VMs\n${drained.output.slice(-2000)}`);
    tell(size, "a host to be emptied", drained, trivial);
    summarize(`preview: ${size.hosts} hosts with ${size.vms} VMs in ${quiet.seconds.toFixed(1)} s, with a host to be emptied (${moves} moves) in ${drained.seconds.toFixed(1)} s; ${trivial.seconds.toFixed(1)} s are Pulumi's for as many trivial resources`);
  });
}

function tell({ hosts, vms }: FleetSize, what: string, ours: Preview, trivial: Preview): void {
  const figure = `${hosts} hosts, ${vms} VMs: ${what}${ours.wasCut ? ", cut off" : ""}`;
  const { program, provider, itself } = ours.usage;
  const whole = (number: number | undefined): number | null => (number === undefined ? null : Math.round(number));
  report({ bench: "preview", figure, unit: "s", ours: ours.seconds, peer: trivial.seconds, peerName: "trivial resources", goal: { of: "ours", relation: "≤", value: LIMIT_MS / 1000 }, details: {
    cutOff: ours.wasCut ? "yes" : "no", trivialCutOff: trivial.wasCut ? "yes" : "no",
    planSeconds: whole(ours.planSeconds), beforeCheckSeconds: whole(ours.beforeCheckSeconds), programMb: whole(program?.peakMb), providerMb: whole(provider?.peakMb), pulumiMb: whole(itself?.peakMb),
    programCpuSeconds: whole(program?.cpuSeconds), providerCpuSeconds: whole(provider?.cpuSeconds), pulumiCpuSeconds: whole(itself?.cpuSeconds),
    trivialProgramMb: whole(trivial.usage.program?.peakMb), trivialProviderMb: whole(trivial.usage.provider?.peakMb), trivialPulumiMb: whole(trivial.usage.itself?.peakMb),
    trivialProgramCpuSeconds: whole(trivial.usage.program?.cpuSeconds), trivialProviderCpuSeconds: whole(trivial.usage.provider?.cpuSeconds), trivialPulumiCpuSeconds: whole(trivial.usage.itself?.cpuSeconds),
  } });
  report({ bench: "preview", figure: `${figure}: Placement's check`, unit: "s", ours: ours.checkSeconds ?? Number.NaN, peer: null, peerName: null, goal: CHECK_GOAL });
}

/** As many resources that do nothing; their state is made of one that Pulumi made. */
async function measureTrivial(size: FleetSize): Promise<Preview> {
  const made = await PulumiProject.create({ program: trivialProgram(1), project: "trivial" });
  let exported: StackState;
  try {
    const { code, output } = await made.up();
    if (code !== 0) throw new Error(output);
    exported = JSON.parse(await made.command(["stack", "export"])) as StackState;
  } finally {
    await made.remove();
  }
  // Hosts, their parts of a pool, an image, a placement and VMs; components beside them.
  const count = 2 * size.hosts + size.vms + 4;
  const resources = (exported.deployment.resources ?? []).flatMap((resource) =>
    (nameOf(resource.urn) === "trivial-0" ? Array.from({ length: count }, (_, index) => ({ ...resource, urn: resource.urn.replace(/-0$/, `-${index}`) })) : [resource]));
  let found: Preview | undefined;
  await whileStored({ program: trivialProgram(count), project: "trivial" }, { ...exported, deployment: { ...exported.deployment, resources } }, async (project) => {
    found = await preview(project, LIMIT_MS);
    refuseChanges(found);
  });
  if (found === undefined) throw new Error("the trivial resources were not previewed");
  return found;
}

/** The state was made right if a preview finds nothing to do. */
function refuseChanges({ output, wasCut }: Preview): void {
  if (wasCut) return;
  if (/^ +[0-9]+ to /m.test(output) || !/^ +[0-9]+ unchanged/m.test(output)) throw new Error(`the fleet's state is not what its program says:\n${output.slice(-3000)}`);
}
