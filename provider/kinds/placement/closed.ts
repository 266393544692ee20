import { DroverError } from "../../base/error.js";
import { closedBy, readHostMarks } from "../../inventory/cluster/index.js";
import { hostAt } from "../../inventory/hosts.js";
import type { ClusterHost } from "../../schema/index.js";
import { isInMaintenance } from "./inventory.js";

/**
 * Refuses a move to a host that somebody has closed since it was planned; asked when the move's journal can be seen already.
 * @param before the host as the last update had it
 * @throws DroverError for a host that takes no guests, or whose marks cannot be read
 */
export async function refuseClosed(vm: string, declared: ClusterHost, before: ClusterHost | undefined): Promise<void> {
  const { name } = declared.host;
  const marks = await readHostMarks(hostAt(declared.host));
  if (!isInMaintenance(declared, { marks }, before)) return;
  const note = closedBy(marks);
  throw new DroverError({ attempted: `move ${vm} to ${name}`, answer: `${name} takes no guests any more${note === undefined ? "" : `: ${note.by} closed it at ${note.at} (${note.reason})`}`,
    next: `the next \`pulumi up\` plans without ${name}; \`drover evacuate ${name} --undo\` or maintenance: false in the program lets VMs come there again` });
}
