import { numbersIn } from "./probe.js";
import { grown, type Sign } from "./sign.js";

/** Disks of its own: errors that become more, a mirror that lost one, a root file system that the kernel took for broken. */
export const disks: Sign = ({ before, first, now }) => {
  const names = (paths: readonly string[]): string => paths.map((path) => path.split("/")[3] ?? path).join(", ");
  // A drive without a disk in it, or the BMC's virtual one, counts an error at each look.
  const removable = new Set(numbersIn(now, /\/removable$/).filter(({ value }) => value === 1).map(({ path }) => path.replace(/removable$/, "device/ioerr_cnt")));
  const failing = grown(numbersIn(before, /\/ioerr_cnt$/), numbersIn(now, /\/ioerr_cnt$/), 0).filter((path) => !removable.has(path));
  if (failing.length > 0) return `its disks fail: ${names(failing)}`;
  const degraded = numbersIn(now, /\/md\/degraded$/).filter(({ value }) => value > 0).map(({ path }) => path);
  if (degraded.length > 0) return `its mirrors lack disks: ${names(degraded)}`;
  const was = first.get("/")?.[0]?.split(",") ?? [];
  return was.includes("rw") && now.get("/")?.[0]?.split(",").includes("ro") === true ? "its root file system can be read only by now" : undefined;
};
