/** `npm run bench -- NAME [OPTIONS]`: runs one bench; without a name it lists them. */
import { messageOf } from "../provider/base/error.js";
import { chaos } from "./chaos.js";
import { drain } from "./drain/index.js";
import { failover } from "./failover.js";
import { guardBench } from "./guard.js";
import { inventory } from "./inventory.js";
import { ganeti } from "./plan/ganeti/index.js";
import { fleet, noop } from "./plan/fleet/index.js";
import { mvm } from "./plan/mvm/index.js";
import { placement } from "./placement/index.js";
import { previewBench } from "./preview/index.js";
import { roadef } from "./plan/roadef/index.js";
import { rules } from "./plan/rules.js";
import { vmr } from "./plan/vmr/index.js";
import type { Bench } from "./report.js";
import { rpc } from "./rpc.js";
import { up } from "./up/index.js";
import { upload } from "./upload.js";

const benches: readonly Bench[] = [rpc, upload, up, inventory, placement, previewBench, drain, failover, chaos, guardBench, roadef, mvm, ganeti, vmr, rules, fleet, noop];

const [name, ...args] = process.argv.slice(2);
const bench = benches.find((candidate) => candidate.name === name);
if (bench !== undefined) {
  try {
    await bench.run(args);
  } catch (error) {
    console.error(`${bench.name} could not measure: ${messageOf(error)}`);
    process.exitCode = 1;
  }
} else {
  if (name !== undefined) {
    console.error(`there is no bench "${name}"`);
    process.exitCode = 1;
  }
  for (const { name: known, summary } of benches) console.log(`${known.padEnd(10)} ${summary}`);
}
