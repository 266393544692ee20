import { scsiControllerElement } from "./domain-disk.js";
import type { DomainSpec } from "./domain-spec.js";
import { element, type XmlElement } from "./element.js";

/** Free slots that a new guest has for disks and NICs to come. A PCI Express slot is a root port, and those can not be added to a running guest. */
const SPARE_ROOT_PORTS = 8;

/**
 * A new domain without what `DomainDocument.apply` writes: the frame, and the devices that each guest has — the agent's
 * channel, a random number generator, a balloon, USB — with headroom to plug disks and NICs into the running guest.
 */
export function newDomain(spec: DomainSpec): XmlElement {
  const isX86 = spec.arch === "x86_64" || spec.arch === "i686";
  return element("domain", { type: spec.accelerator }, [
    element("name", {}, spec.name),
    element("uuid", {}, spec.uuid),
    element("os", {}, [element("type", { arch: spec.arch, machine: spec.machine }, "hvm")]),
    element("features", {}, isX86 ? [element("acpi"), element("apic")] : [element("acpi")]),
    element("clock", { offset: "utc" }, isX86 ? [
      element("timer", { name: "rtc", tickpolicy: "catchup" }),
      element("timer", { name: "pit", tickpolicy: "delay" }),
      element("timer", { name: "hpet", present: "no" }),
    ] : []),
    element("on_poweroff", {}, "destroy"),
    element("on_reboot", {}, "restart"),
    element("on_crash", {}, "destroy"),
    element("devices", {}, [
      ...(hasRootPorts(spec) ? rootPorts(spec) : []),
      element("controller", { type: "usb", index: 0, model: "qemu-xhci" }),
      element("channel", { type: "unix" }, [element("target", { type: "virtio", name: "org.qemu.guest_agent.0" })]),
      element("memballoon", { model: "virtio" }),
      element("rng", { model: "virtio" }, [element("backend", { model: "random" }, "/dev/urandom")]),
    ]),
  ]);
}

function hasRootPorts(spec: DomainSpec): boolean {
  return spec.machine.includes("q35") || spec.machine.startsWith("virt");
}

function rootPorts(spec: DomainSpec): XmlElement[] {
  // USB, SCSI, virtio-serial, balloon and random number generator take a port each.
  const used = 5 + Object.values(spec.disks).filter((disk) => disk.bus === "virtio").length + Object.keys(spec.nics).length;
  return [
    element("controller", { type: "pci", index: 0, model: "pcie-root" }),
    ...Array.from({ length: used + SPARE_ROOT_PORTS }, (_, port) =>
      element("controller", { type: "pci", index: port + 1, model: "pcie-root-port" })),
    scsiControllerElement(),
  ];
}
