import { element, type XmlElement } from "./element.js";
import { formatXml } from "./format.js";
import { scanXml } from "./scan.js";

/** A CPU as libvirt describes it: a model, and features beside those that the model has by itself. */
export interface CpuDescription {
  /** `custom`, `host-model`, `host-passthrough`, `maximum`; `undefined` in a document that has no mode, such as a baseline. */
  readonly mode: string | undefined;
  readonly model: string | undefined;
  readonly vendor: string | undefined;
  readonly features: readonly CpuFeature[];
  /** `false` for a CPU that libvirt refuses to migrate: `migratable='off'`. */
  readonly isMigratable: boolean;
}

export interface CpuFeature {
  readonly name: string;
  /** `require`, `force`, `optional`, `disable` or `forbid`. */
  readonly policy: string;
}

/** What a CPU is to a guest, whatever it was asked for by. */
export type CpuModel = Pick<CpuDescription, "model" | "features"> & { readonly vendor?: string | undefined };

/** Reads a `<cpu>`, or the `<mode name='host-model'>` of domain capabilities, which is written the same way. */
export function readCpuDescription(cpu: XmlElement): CpuDescription {
  const model = cpu.child("model")?.text.trim() ?? "";
  return {
    mode: cpu.attr("mode"),
    model: model === "" ? undefined : model,
    vendor: cpu.child("vendor")?.text.trim(),
    features: cpu.children("feature").map((feature) => ({ name: feature.attr("name") ?? "", policy: feature.attr("policy") ?? "require" })),
    isMigratable: cpu.attr("migratable") !== "off",
  };
}

/** @throws DroverError when the text is no `<cpu>` */
export function parseCpu(text: string): CpuDescription {
  return readCpuDescription(scanXml(text, "cpu"));
}

/** The CPU as libvirt's baseline and comparison calls take it. */
export function formatCpu(cpu: CpuModel): string {
  return formatXml(element("cpu", { mode: "custom", match: "exact" }, [
    element("model", { fallback: "forbid" }, cpu.model ?? ""),
    cpu.vendor === undefined ? undefined : element("vendor", {}, cpu.vendor),
    ...cpu.features.map(({ name, policy }) => element("feature", { policy, name })),
  ]));
}

/** Names of the features that a guest with this CPU must find, beside those of its model. */
export function requiredFeatures(cpu: CpuDescription): string[] {
  return cpu.features.filter(({ policy }) => policy === "require" || policy === "force").map(({ name }) => name).sort();
}
