import { element, type XmlElement } from "./element.js";
import type { GraphicsSpec } from "./domain-spec.js";
import { readInteger } from "./size.js";

/** The first graphical console of a kind that we manage. */
export function readGraphics(root: XmlElement): GraphicsSpec | undefined {
  const found = findGraphics(root);
  const type = found?.attr("type");
  if (found === undefined || (type !== "vnc" && type !== "spice")) return undefined;
  const isAutomatic = found.attr("autoport") === "yes" || (readInteger(found.attr("port")) ?? -1) < 0;
  const password = found.attr("passwd");
  return {
    type,
    listen: found.attr("listen") ?? found.child("listen")?.attr("address") ?? "127.0.0.1",
    port: isAutomatic ? undefined : readInteger(found.attr("port")),
    ...(password === undefined ? {} : { password }),
  };
}

/** Port that a running guest's console has. */
export function readGraphicsPort(root: XmlElement): number | undefined {
  const port = readInteger(findGraphics(root)?.attr("port"));
  return port === undefined || port < 0 ? undefined : port;
}

/**
 * Sets or takes away the graphical console. A password that is wanted is always written: documents are usually read
 * without it, and libvirt keeps none that is not there.
 */
export function writeGraphics(root: XmlElement, wanted: GraphicsSpec | undefined): void {
  const devices = root.ensure("devices");
  const found = findGraphics(root);
  if (wanted === undefined) {
    if (found !== undefined) devices.remove(found);
    // libvirt adds a video card where there is a console, and none by itself where there is not.
    if (found !== undefined && devices.children("graphics").length === 0) devices.removeAll("video");
    return;
  }
  const old = readGraphics(root);
  if (found !== undefined && old?.type === wanted.type && old.listen === wanted.listen && old.port === wanted.port) {
    if (wanted.password !== undefined) found.setAttr("passwd", wanted.password);
    return;
  }
  const made = element("graphics", {
    type: wanted.type, port: wanted.port ?? -1, autoport: wanted.port === undefined ? "yes" : "no", passwd: wanted.password,
  }, [element("listen", { type: "address", address: wanted.listen })]);
  if (found === undefined) devices.append(made);
  else devices.replace(found, made);
  if (devices.child("video") === undefined) devices.append(element("video", {}, [element("model", { type: "vga" })]));
}

export function readSerial(root: XmlElement): boolean {
  return root.find("devices", "serial") !== undefined;
}

/** Gives the guest a serial console on a pseudo-terminal of the host, or takes it away. */
export function writeSerial(root: XmlElement, wanted: boolean): void {
  if (readSerial(root) === wanted) return;
  const devices = root.ensure("devices");
  if (wanted) {
    devices.append(element("serial", { type: "pty" }, [element("target", { port: 0 })]));
    return;
  }
  devices.removeAll("serial");
  for (const console of devices.children("console")) {
    if ((console.child("target")?.attr("type") ?? "serial") === "serial") devices.remove(console);
  }
}

export function findGraphics(root: XmlElement): XmlElement | undefined {
  return root.child("devices")?.children("graphics").find((graphics) => ["vnc", "spice"].includes(graphics.attr("type") ?? ""));
}
