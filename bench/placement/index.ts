import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeHosts } from "../../provider/inventory/hosts.js";
import type { PlacementInputs } from "../../provider/schema/index.js";
import { benchLab } from "../lab-host.js";
import { report, summarize, type Bench } from "../report.js";
import { assignmentsOf, hostName, membersOf, sizesOf, vmsOn, type FleetSize } from "./fleet.js";
import { at, checkPlacement, record, whileSimulated, type Checked, type Recorded } from "./recorded.js";

const SIZES: readonly FleetSize[] = [{ hosts: 8, vms: 267 }, { hosts: 100, vms: 3_333 }, { hosts: 300, vms: 10_000 }];
const GOAL = { of: "ours", relation: "≤", value: 15 } as const;

/** What a preview of a large cluster waits for: all hosts are read, all VMs are planned, the plan is proven and told. */
export const placement: Bench = {
  name: "placement",
  summary: "seconds of Placement's check (what preview waits for) for 8, 100 and 300 (or --hosts N) hosts with up to 10,000 VMs: simulated daemons that answer with what a host of the lab said",
  async run(args) {
    const sizes = sizesOf(args, SIZES);
    const lab = await benchLab();
    Object.assign(process.env, lab.env);
    const folder = await mkdtemp(join(tmpdir(), "drover-bench-placement-"));
    try {
      const recorded = await record(lab, folder);
      for (const size of sizes) await whileSimulated(size, recorded, folder, () => measure(size, recorded, folder));
    } finally {
      await closeHosts();
      await rm(folder, { recursive: true });
    }
  },
};

async function measure(size: FleetSize, recorded: Recorded, folder: string): Promise<void> {
  const inputs = fleetOf(size, recorded, folder);
  const tell = (figure: string, { seconds, cpuSeconds, moves }: Checked): void => {
    report({ bench: "placement", figure: `${size.hosts} hosts, ${size.vms} VMs: ${figure}`, unit: "s", ours: seconds, peer: null, peerName: null, goal: GOAL,
      details: { moves, cpuSeconds: Number(cpuSeconds.toFixed(2)), residentMb: Math.round(process.memoryUsage.rss() / 1e6) } });
  };
  const first = await checkPlacement(inputs, inputs);
  tell("nothing to do, new connections", first);
  const again = await checkPlacement(inputs, inputs);
  tell("nothing to do, again", again);
  const [emptied, ...others] = inputs.hosts;
  const drained = await checkPlacement({ ...inputs, hosts: emptied === undefined ? [] : [{ ...emptied, maintenance: true }, ...others] }, inputs);
  tell("a host in maintenance", drained);
  if (first.moves + first.starts > 0 || drained.moves < vmsOn(size, 0).length) {
    throw new Error(`the fleet is not as it was meant: ${first.moves} moves and ${first.starts} starts where nothing is to do, ${drained.moves} moves from a host of ${vmsOn(size, 0).length}`);
  }
  summarize(`placement: ${size.hosts} hosts with ${size.vms} VMs are read and planned in ${first.seconds.toFixed(2)} s, with a host to be emptied in ${drained.seconds.toFixed(2)} s`);
}

function fleetOf(size: FleetSize, { inputs, template }: Recorded, folder: string): PlacementInputs {
  const [host] = inputs.hosts;
  if (host === undefined) throw new Error("there is no cluster to make more of");
  const hosts = Array.from({ length: size.hosts }, (_, index) => at(host, hostName(index), join(folder, hostName(index))));
  return { ...inputs, hosts, vms: membersOf(size, inputs, template), assignments: assignmentsOf(size, inputs, template, hosts.map((each) => each.host)), overcommit: { vcpus: 100, memory: 1.5 } };
}
