import { DroverError } from "../../base/error.js";
import { baselineOf, baselineText, lackingFor, type CpuBaseline } from "../../inventory/cluster/index.js";
import type { PlacementInputs } from "../../schema/index.js";
import type { ReadCluster } from "./reading.js";

/** The CPU of a cluster's guests, as it stands in the inputs of its `Placement`; empty for none, for in a preview only what is there is known. */
type CommonCpu = Pick<PlacementInputs, "baseline" | "cpu" | "defaultCpu">;

/**
 * The CPU that guests have on all hosts of a cluster, and that of VMs that name none. Both are computed once and kept, and so is that there
 * is none: a host that joins, or does not answer, changes no guest.
 * @throws DroverError for a host that can not give it, unless the program lets it be lowered
 */
export async function commonCpu({ inputs, hosts }: ReadCluster, olds: PlacementInputs | undefined): Promise<CommonCpu> {
  const staying = hosts.flatMap(({ read, state }) => (read === undefined || state === "leaving" ? [] : [read]));
  // What was computed is our own, as it was written.
  const kept = olds?.baseline as CpuBaseline | undefined;
  const lacking = kept === undefined ? [] : staying.map((host) => ({ host: host.address.name, features: lackingFor(kept, host) })).filter(({ features }) => features.length > 0);
  if (kept !== undefined && lacking.length > 0 && inputs.cpuBaseline === "keep") {
    throw new DroverError({ attempted: `use the CPU of cluster ${inputs.cluster} (${baselineText(kept)})`, host: lacking.map(({ host }) => host).join(", "),
      answer: lacking.map(({ host, features }) => `${host} lacks ${features.join(", ")}`).join("; "),
      next: 'leave the host out of the cluster, or say cpuBaseline: "lower" in it: guests get a lesser CPU at their next restart, and those that run stay off that host until then' });
  }
  // Where libvirt knows no model of a host, guests have what they name themselves.
  if (kept === undefined && olds?.cpu === "" && olds.hosts.length > 0) return { cpu: "", defaultCpu: "" };
  if (kept === undefined && (staying.length === 0 || staying.some((host) => host.cpu.hostModel === undefined))) return { cpu: "", defaultCpu: "" };
  const baseline = kept === undefined || lacking.length > 0 ? await baselineOf(staying) : kept;
  const cpu = baselineText(baseline);
  const isDefault = kept === undefined || olds?.defaultCpu === undefined ? staying.every((host) => host.accelerators[0] === "kvm") : olds.defaultCpu !== "";
  return { baseline, cpu, defaultCpu: isDefault ? cpu : "" };
}
