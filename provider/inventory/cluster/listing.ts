import { isLibvirtError } from "../../libvirt/index.js";

/** What was asked of an object that was listed; `undefined` where libvirt's code says that it is gone since. */
export async function unlessGone<T>(ask: () => Promise<T>, code: number): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isLibvirtError(error, code)) return undefined;
    throw error;
  }
}

/** By name, then by UUID: one order, whatever libvirt's is. */
export function byName(left: { readonly name: string; readonly uuid: string }, right: { readonly name: string; readonly uuid: string }): number {
  const [one, other] = left.name === right.name ? [left.uuid, right.uuid] : [left.name, right.name];
  return one < other ? -1 : one > other ? 1 : 0;
}
