import { ErrorCode, isLibvirtError } from "../../libvirt/index.js";
import type { CpuModel } from "../../xml/index.js";
import { cpuRunsOn } from "./baseline.js";
import type { HostInventory } from "./model.js";

/** Which of these CPUs, as a VM declares them (`EPYC,+vaes,-sha-ni`), guests can have on a host. libvirt is asked only where what was read of the host does not tell. */
export async function cpusOn(host: HostInventory, declared: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(declared.map(async (cpu) => ((await isPossible(host, cpu)) ? [cpu] : [])));
  return new Set(found.flat());
}

async function isPossible(host: HostInventory, declared: string): Promise<boolean> {
  if (declared === "host-passthrough") return host.cpu.hasPassthrough;
  if (declared === "host-model" || declared === "maximum") return true;
  const cpu = parse(declared);
  const wanted = cpu.features.filter(({ policy }) => policy === "require");
  if (host.cpu.usableModels.includes(cpu.model) && wanted.every(({ name }) => host.cpu.features.includes(name))) return true;
  try {
    return await cpuRunsOn(host, cpu);
  } catch (error) {
    // So libvirt says that it knows no such model or feature.
    if (isLibvirtError(error, ErrorCode.INTERNAL_ERROR)) return false;
    // It compares no CPUs of this architecture: what it makes of this one shows when the guest starts.
    if (isLibvirtError(error, ErrorCode.NO_SUPPORT, ErrorCode.CONFIG_UNSUPPORTED, ErrorCode.OPERATION_UNSUPPORTED)) return true;
    throw error;
  }
}

function parse(declared: string): CpuModel & { readonly model: string } {
  const [model = "", ...features] = declared.split(",");
  return { model, features: features.map((feature) => ({ name: feature.replace(/^[+-]/, ""), policy: feature.startsWith("-") ? "disable" : "require" })) };
}
