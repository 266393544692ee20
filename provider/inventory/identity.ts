import { createHash, randomUUID } from "node:crypto";
import { v5 as uuidV5 } from "uuid";

/** What kinds of object get a UUID that derives from their owner and their place in the program. */
export type OwnedKind = "VirtualMachine" | "StoragePool" | "Network" | "Cluster";

/** A new random owner id, made once with a host and kept in its state. */
export function newOwnerId(): string {
  return randomUUID();
}

/**
 * The UUID of an object of ours: the same owner, kind and key give the same UUID, so that a create that died half-way
 * finds its own object again, and two stacks never derive the same one.
 *
 * @param owner owner id (a UUID) of the host that the object was first declared on
 * @param key what tells the object from all others of its kind in the program: its qualified logical name
 */
export function derivedUuid(owner: string, kind: OwnedKind, key: string): string {
  return uuidV5(`${kind}:${key}`, owner);
}

/**
 * The MAC address of a NIC without one of its own: locally administered, unicast, 40 bits derived from the VM's UUID
 * and the NIC's name. (The usual prefix 52:54:00 leaves 24 bits, of which 4,000 NICs would collide every other time.)
 */
export function derivedMac(vmUuid: string, nic: string): string {
  const digest = createHash("sha256").update(`${vmUuid}/${nic}`).digest();
  return ["52", ...[...digest.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
