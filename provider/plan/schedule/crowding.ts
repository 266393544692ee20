import { NOWHERE } from "../solve/problem.js";
import type { Job } from "./jobs.js";
import { hostOf, type Setting } from "./setting.js";

/** For each job, how much more comes to the host that it leaves than there is room: others wait for it to leave. In thousandths of the host. */
export function crowding(setting: Setting, jobs: readonly Job[]): number[] {
  const { problem: { hostCount, vmCount, resourceCount, demand, capacity, origin, slotHost } } = setting;
  // What is there, and what comes: the bins of whole hosts are the first ones.
  const held = new Float64Array(hostCount * resourceCount);
  const add = (vm: number, host: number): void => {
    for (let r = 0; host !== NOWHERE && r < resourceCount; r += 1) held[host * resourceCount + r] = (held[host * resourceCount + r] ?? 0) + (demand[vm * resourceCount + r] ?? 0);
  };
  for (let vm = 0; vm < vmCount; vm += 1) add(vm, origin[vm] === NOWHERE ? NOWHERE : (slotHost[origin[vm] ?? 0] ?? NOWHERE));
  for (const job of jobs) if (hostOf(setting, job.to) !== hostOf(setting, job.from)) add(job.vm, hostOf(setting, job.to));
  return jobs.map(({ from }) => {
    const host = hostOf(setting, from);
    let most = 0;
    for (let r = 0; host !== NOWHERE && r < resourceCount; r += 1) {
      const has = capacity[host * resourceCount + r] ?? 0;
      if (has > 0) most = Math.max(most, Math.round((((held[host * resourceCount + r] ?? 0) - has) / has) * 1000));
    }
    return most;
  });
}
