import { DroverError } from "../../base/error.js";
import { BaselineCPUFlags, CPUCompareResult } from "../../libvirt/index.js";
import { formatCpu, parseCpu, requiredFeatures, type CpuDescription, type CpuFeature, type CpuModel } from "../../xml/index.js";
import { hostAt } from "../hosts.js";
import type { HostInventory } from "./model.js";

/** A CPU that guests can have on every host of a cluster. Plain data: it is kept, and changes only when it is told to. */
export interface CpuBaseline {
  readonly arch: string;
  readonly model: string;
  readonly vendor?: string;
  /** Beside those of the model: what a guest has (`require`) and what it lacks (`disable`). */
  readonly features: readonly CpuFeature[];
  /** All features that a guest has with it, the model's own among them, sorted: what a host must have. */
  readonly expanded: readonly string[];
}

/**
 * The best CPU that all these hosts can give: one of them is asked, with what `host-model` is on each.
 * @throws DroverError when a host knows no such CPU, their architectures differ, or they have nothing in common
 */
export async function baselineOf(hosts: readonly HostInventory[]): Promise<CpuBaseline> {
  const [first] = hosts;
  if (first === undefined) throw new DroverError({ attempted: "find the CPU that all hosts have", answer: "there is no host" });
  const { arch } = first.cpu;
  const cpus = hosts.map(({ address, cpu }) => {
    if (cpu.arch !== arch) throw noBaseline(address.name, `it is ${cpu.arch}, and ${first.address.name} is ${arch}`);
    if (cpu.hostModel === undefined) throw noBaseline(address.name, "its libvirt knows no CPU model of it");
    return formatCpu(cpu.hostModel);
  });
  const ask = async (xmlCPUs: string[], flags: number): Promise<CpuDescription> => {
    const { cpu } = await hostAt(first.address).libvirt.connectBaselineHypervisorCPU({ emulator: null, arch, machine: null, virttype: first.accelerators[0] ?? null, xmlCPUs, flags });
    return parseCpu(cpu);
  };
  const found = await ask([...new Set(cpus)], BaselineCPUFlags.MIGRATABLE);
  if (found.model === undefined) throw noBaseline(first.address.name, "libvirt found no CPU model that all of them have");
  const expanded = await ask([formatCpu(found)], BaselineCPUFlags.EXPAND_FEATURES);
  return {
    arch, model: found.model, ...(found.vendor === undefined ? {} : { vendor: found.vendor }),
    features: found.features.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    expanded: requiredFeatures(expanded),
  };
}

/** What a host lacks of a baseline, as features; empty where guests with it can run there. Such a host would lower the baseline. */
export function lackingFor(baseline: CpuBaseline, { cpu }: Pick<HostInventory, "cpu">): string[] {
  if (cpu.arch !== baseline.arch) return [`the architecture ${baseline.arch}`];
  const features = new Set(cpu.features);
  return baseline.expanded.filter((feature) => !features.has(feature));
}

/** The baseline as one line, for a preview: `EPYC,+vaes,-sha-ni`. */
export function baselineText(baseline: Pick<CpuBaseline, "model" | "features">): string {
  return [baseline.model, ...baseline.features.map(({ name, policy }) => `${policy === "disable" || policy === "forbid" ? "-" : "+"}${name}`)].join(",");
}

/** What libvirt itself says of a guest's CPU on a host: whether it can be had there, to the last feature. */
export async function cpuRunsOn(host: HostInventory, cpu: CpuModel): Promise<boolean> {
  const { result } = await hostAt(host.address).libvirt.connectCompareHypervisorCPU({
    emulator: null, arch: host.cpu.arch, machine: null, virttype: host.accelerators[0] ?? null, xmlCPU: formatCpu(cpu), flags: 0,
  });
  return result === CPUCompareResult.IDENTICAL || result === CPUCompareResult.SUPERSET;
}

function noBaseline(host: string, answer: string): DroverError {
  return new DroverError({ attempted: "find the CPU that all hosts of the cluster have", host, answer,
    next: `take ${host} out of the cluster, or give the VMs a CPU by name` });
}
