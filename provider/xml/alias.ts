/**
 * A device's name lives in its alias: libvirt keeps aliases that begin with `ua-` in the definition and in the running
 * guest alike, and they name the device in events and in device calls. A name may hold what an alias may not
 * (libvirt allows letters, digits, `_` and `-`): such bytes are written `_xx`, in hexadecimal.
 */
export type DeviceKind = "disk" | "nic" | "mem";

export function aliasOf(kind: DeviceKind, name: string): string {
  const encoded = [...Buffer.from(name, "utf8")].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9-]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
  });
  return `ua-${kind}-${encoded.join("")}`;
}

/** The name in an alias of ours; `undefined` for any other alias. */
export function nameOfAlias(kind: DeviceKind, alias: string | undefined): string | undefined {
  const prefix = `ua-${kind}-`;
  if (alias?.startsWith(prefix) !== true) return undefined;
  const hex = alias.slice(prefix.length).replace(/_([0-9a-f]{2})|([A-Za-z0-9-])/g, (_match, byte: string | undefined, plain: string) =>
    byte ?? plain.charCodeAt(0).toString(16).padStart(2, "0"));
  const name = /^(?:[0-9a-f]{2})+$/.test(hex) ? Buffer.from(hex, "hex").toString("utf8") : "";
  return aliasOf(kind, name) === alias ? name : undefined;
}
