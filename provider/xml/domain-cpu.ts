import { element, type XmlElement } from "./element.js";
import type { Firmware } from "./domain-spec.js";
import { writeCellCpus } from "./domain-memory.js";
import { readInteger } from "./size.js";

export function readVcpus(root: XmlElement): { readonly vcpus: number; readonly maxVcpus: number } {
  const vcpu = root.child("vcpu");
  const maxVcpus = readInteger(vcpu?.text) ?? 1;
  return { vcpus: readInteger(vcpu?.attr("current")) ?? maxVcpus, maxVcpus };
}

/** Sets how many virtual CPUs are plugged in and can be. Topology and NUMA cells, where there are any, follow. */
export function writeVcpus(root: XmlElement, wanted: { readonly vcpus?: number | undefined; readonly maxVcpus?: number | undefined }): void {
  const old = readVcpus(root);
  const vcpus = wanted.vcpus ?? old.vcpus;
  const maxVcpus = Math.max(wanted.maxVcpus ?? old.maxVcpus, vcpus);
  if (root.child("vcpu") !== undefined && vcpus === old.vcpus && maxVcpus === old.maxVcpus) return;
  const vcpu = root.ensure("vcpu").setText(String(maxVcpus));
  vcpu.setAttr("current", vcpus === maxVcpus ? undefined : vcpus);
  // The list of single virtual CPUs and their states would contradict the number; libvirt makes it anew.
  root.removeAll("vcpus");
  if (maxVcpus !== old.maxVcpus) {
    writeTopology(root, maxVcpus);
    writeCellCpus(root, maxVcpus);
  }
}

/** libvirt wants sockets × dies × cores × threads to be the number of virtual CPUs. */
function writeTopology(root: XmlElement, maxVcpus: number): void {
  const topology = root.find("cpu", "topology");
  if (topology === undefined) return;
  const inSocket = ["dies", "cores", "threads"].reduce((product, level) => product * (readInteger(topology.attr(level)) ?? 1), 1);
  if (maxVcpus % inSocket === 0) {
    topology.setAttr("sockets", maxVcpus / inSocket);
  } else {
    topology.setAttr("sockets", 1).setAttr("cores", maxVcpus).setAttr("threads", 1);
    if (topology.attr("dies") !== undefined) topology.setAttr("dies", 1);
  }
}

/** `host-model`, `host-passthrough`, `maximum`, or the model's name. A running guest's document shows the model that `host-model` came to. */
export function readCpu(root: XmlElement): string | undefined {
  const cpu = root.child("cpu");
  const mode = cpu?.attr("mode") ?? "custom";
  if (mode !== "custom") return mode;
  const model = cpu?.child("model")?.text.trim() ?? "";
  return model === "" ? undefined : model;
}

/**
 * Chooses another CPU; topology and NUMA cells stay, the old model's vendor and features go with it.
 * @param wanted a mode, or a model, with features that it shall have or lack beside its own: `EPYC,+vaes,-sha-ni`
 */
export function writeCpu(root: XmlElement, wanted: string): void {
  const [model = "", ...features] = wanted.split(",");
  if (readCpu(root) === model && (features.length === 0 || featuresOf(root).join() === features.join())) return;
  const cpu = root.ensure("cpu");
  for (const attribute of ["match", "check", "migratable"]) cpu.setAttr(attribute, undefined);
  for (const child of ["model", "vendor", "feature"]) cpu.removeAll(child);
  if (wanted.startsWith("host-") || wanted === "maximum") {
    cpu.setAttr("mode", wanted);
  } else {
    cpu.setAttr("mode", "custom").setAttr("match", "exact");
    cpu.ensure("model").setAttr("fallback", "forbid").setText(model);
    for (const feature of features) cpu.append(element("feature", { policy: feature.startsWith("-") ? "disable" : "require", name: feature.slice(1) }));
  }
}

function featuresOf(root: XmlElement): string[] {
  const features = root.child("cpu")?.children("feature") ?? [];
  return features.map((feature) => `${["disable", "forbid"].includes(feature.attr("policy") ?? "") ? "-" : "+"}${feature.attr("name") ?? ""}`);
}

export function readMachine(root: XmlElement): { readonly machine: string; readonly arch: string } {
  const type = root.find("os", "type");
  return { machine: type?.attr("machine") ?? "", arch: type?.attr("arch") ?? "" };
}

export function writeMachine(root: XmlElement, machine: string): void {
  root.ensure("os").ensure("type").setAttr("machine", machine);
}

export function readFirmware(root: XmlElement): Firmware {
  const os = root.child("os");
  const chosen = os?.attr("firmware");
  if (chosen !== undefined) return chosen === "efi" ? "efi" : "bios";
  return os?.child("loader")?.attr("type") === "pflash" ? "efi" : "bios";
}

/** Lets libvirt choose the firmware's files by its kind; files of the other kind go. */
export function writeFirmware(root: XmlElement, firmware: Firmware): void {
  if (readFirmware(root) === firmware) return;
  const os = root.ensure("os").setAttr("firmware", firmware === "efi" ? "efi" : undefined);
  for (const child of ["firmware", "loader", "nvram"]) os.removeAll(child);
}
