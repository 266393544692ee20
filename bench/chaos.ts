import { labPlace } from "../lab/place.js";
import { runChaos } from "../test/lab/support/chaos.js";
import { benchLab } from "./lab-host.js";
import { report, summarize, type Bench } from "./report.js";

const DEFAULT_MINUTES = 10;
const MOST_SETTLE_SECONDS = 120;

/** Random faults against a guarded cluster; the tests have a minute of it (`test/lab/guard/chaos.alone.test.ts`). */
export const chaos: Bench = {
  name: "chaos",
  summary: `random faults of hosts, fence devices, guards and etcd against a guarded cluster, copies of guests counted from outside; --minutes M (default ${DEFAULT_MINUTES}) --seed S (default 1)`,
  async run(args) {
    const minutes = numberOf(args, "--minutes", DEFAULT_MINUTES);
    const seed = numberOf(args, "--seed", 1);
    const lab = await benchLab();
    const found = await runChaos(lab, labPlace(lab.name, lab.directory), minutes * 60, seed, (text) => { console.error(text); });
    const details = { minutes, seed, faults: found.faults.filter((line) => !line.includes("end of")).length };
    report({ bench: "chaos", figure: "guests that ever had two copies", unit: "guests", ours: found.twice.length, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 0 }, details });
    report({ bench: "chaos", figure: "guests that do not run once at the end", unit: "guests", ours: found.missing.length, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 0 }, details });
    report({ bench: "chaos", figure: "from the last heal until every guest ran", unit: "s", ours: found.settleSeconds, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: MOST_SETTLE_SECONDS }, details });
    if (found.twice.length + found.missing.length > 0) throw new Error(`seed ${seed}: twice: ${found.twice.join(", ")}; missing: ${found.missing.join(", ")}\n${found.faults.join("\n")}\n${found.story}`);
    summarize(`chaos: ${details.faults} faults in ${minutes} min with seed ${seed}: no guest had two copies, and all ran ${found.settleSeconds.toFixed(1)} s after the last heal`);
  },
};

function numberOf(args: readonly string[], option: string, otherwise: number): number {
  const at = args.indexOf(option);
  const value = at === -1 ? otherwise : Number(args[at + 1]);
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`${option} ${args[at + 1] ?? ""}: a number above 0 is expected`);
  return value;
}
