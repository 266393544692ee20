import { benchLab } from "../lab-host.js";
import { report, summarize, type Bench } from "../report.js";
import { measurePulumi } from "./pulumi.js";
import { hasTofu, measureTofu } from "./tofu.js";

export type Step = "create" | "no-op preview" | "refresh" | "change" | "destroy";

/** What was measured before on such a lab with 2 cores, in seconds, for where OpenTofu is not installed. */
const TOFU_SECONDS: Readonly<Record<number, Readonly<Partial<Record<Step, number>>>>> = { 20: { create: 7.0 }, 100: { create: 31.7, "no-op preview": 2.6, destroy: 7.5 } };
const TOFU = "OpenTofu with terraform-provider-libvirt";
const TOFU_BEFORE = "OpenTofu 1.10.6 with terraform-provider-libvirt 0.8.3, as measured before on such a lab";

/** Life of N stopped VMs with an empty disk each, on one host by ssh; and of as many trivial resources, for Pulumi's own share. */
export const up: Bench = {
  name: "up",
  summary: "pulumi up of 20 and 100 (or DROVER_BENCH_VMS) stopped VMs with a disk each on one host by ssh, against OpenTofu",
  run: async () => {
    const lab = await benchLab();
    const counts = (process.env["DROVER_BENCH_VMS"] ?? "20,100").split(",").map(Number);
    const tofuIsHere = await hasTofu();
    if (!tofuIsHere) console.error("tofu and terraform-provider-libvirt are not on PATH: the numbers that were measured before are what is compared with");
    for (const count of counts) {
      const ours = await measurePulumi(lab, "drover", count);
      const trivial = await measurePulumi(lab, "trivial", count);
      const tofu = tofuIsHere ? await measureTofu(lab, count) : (TOFU_SECONDS[count] ?? {});
      for (const [step, seconds] of Object.entries(ours.seconds) as [Step, number][]) {
        const peer = tofu[step] ?? null;
        report({ bench: "up", figure: `${step} of ${count} VMs`, unit: "s", ours: seconds, peer, peerName: peer === null ? null : tofuIsHere ? TOFU : TOFU_BEFORE,
          goal: peer !== null && step === "create" ? { of: "ratio", relation: "≤", value: 0.25 } : { of: "ours", relation: "≤", value: peer ?? Math.max(10, count) } });
        report({ bench: "up", figure: `${step} of ${count} VMs, beyond as many trivial resources`, unit: "s", ours: seconds - trivial.seconds[step], peer: trivial.seconds[step], peerName: "trivial resources",
          goal: { of: "ours", relation: "≤", value: Math.max(2, count * 0.06) } });
      }
      report({ bench: "up", figure: `provider process at ${count} VMs, beyond one of trivial resources`, unit: "MB", ours: ours.providerMb - trivial.providerMb, peer: trivial.providerMb, peerName: "trivial resources",
        goal: { of: "ours", relation: "≤", value: 60 } });
      const tofuText = tofu.create === undefined ? "" : `, OpenTofu's ${tofu.create.toFixed(1)} s${tofuIsHere ? "" : " before"}`;
      summarize(`up: ${count} VMs in ${ours.seconds.create.toFixed(1)} s${tofuText}; ${trivial.seconds.create.toFixed(1)} s of it are Pulumi's for as many trivial resources; provider process ${Math.round(ours.providerMb)} MB against ${Math.round(trivial.providerMb)} MB`);
    }
  },
};
