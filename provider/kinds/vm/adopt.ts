import type { VirtualMachineInputs } from "../../schema/index.js";
import type { DomainDocument } from "../../xml/index.js";

/**
 * Gives a foreign domain's devices the names of the declaration: `root` (or the first declared disk by name) is its first
 * disk, the others follow in order, and so do the NICs. Nothing else of it is touched.
 */
export function claimDevices(definition: DomainDocument, inputs: VirtualMachineInputs): DomainDocument {
  const claimed = definition.clone();
  const names = Object.keys(inputs.disks ?? {}).sort((a, b) => Number(b === "root") - Number(a === "root") || a.localeCompare(b));
  const disks = definition.disks.filter((disk) => disk.device === "disk");
  for (const [index, name] of names.entries()) {
    const disk = disks[index];
    if (disk !== undefined && disk.name === undefined) claimed.claimDisk(disk.target, name);
  }
  for (const [index, name] of Object.keys(inputs.nics ?? {}).sort().entries()) {
    const nic = definition.nics[index];
    if (nic !== undefined && nic.name === undefined) claimed.claimNic(nic.mac, name);
  }
  return claimed;
}
