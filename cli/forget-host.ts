import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { messageOf } from "../provider/base/error.js";
import { closeHosts, hostAt } from "../provider/inventory/hosts.js";
import { forgetInMarker } from "../provider/inventory/pool-marker.js";
import { lookupPool } from "../provider/inventory/pools.js";
import { forgetHost, type Forgotten, type PoolPart } from "./forgotten-state.js";
import type { StackState } from "./stack-state.js";
import { confirmed, pulumi } from "./pulumi.js";

interface Options {
  readonly stack?: string;
  readonly yes?: true;
}

/** `drover forget-host`: takes a host that is dead for good out of a stack's state. */
export function forgetHostCommand(): Command {
  return new Command("forget-host")
    .description("take a host that is dead for good out of the stack's state, so that update and destroy can go on without it")
    .argument("<host>", "its name in the program")
    .option("--stack <name>", "the stack (default: the selected one)")
    .option("--yes", "do not ask")
    .action(async (host: string, options: Options) => {
      const stack = options.stack === undefined ? [] : ["--stack", options.stack];
      const text = await pulumi(["stack", "export", "--show-secrets=false", ...stack]);
      const forgotten = forgetHost(JSON.parse(text) as StackState, host);
      console.log(describe(host, forgotten));
      if (options.yes !== true && !(await confirmed("Is the machine dead for good, and off?"))) {
        console.log("nothing was changed");
        return;
      }
      const folder = await mkdtemp(join(tmpdir(), "drover-forget-"));
      const backup = join(folder, "before.json");
      const next = join(folder, "after.json");
      await writeFile(backup, text, { mode: 0o600 });
      await writeFile(next, JSON.stringify(forgotten.deployment), { mode: 0o600 });
      await pulumi(["stack", "import", "--file", next, ...stack]);
      await forgetInPools(host, forgotten.poolParts);
      console.log(`forgot ${host}. The state before: ${backup} (back with: pulumi stack import --file ${backup})\nnext: take ${host} out of the program, then \`pulumi up\`; or \`pulumi destroy\``);
    });
}

/** The marker of each shared pool is its hosts' directory: one host that lives takes the dead one out of it. */
async function forgetInPools(name: string, parts: readonly PoolPart[]): Promise<void> {
  const done = new Set<string>();
  for (const part of parts) {
    if (done.has(part.uuid)) continue;
    try {
      const host = hostAt(part.host);
      const handle = await lookupPool(part.uuid, host);
      if (handle === undefined) continue;
      await forgetInMarker({ host, handle, name: part.name, path: part.path }, name);
      done.add(part.uuid);
    } catch (error) {
      console.error(`warning: the marker of pool ${part.name} was not changed through ${part.host.name}: ${messageOf(error)}`);
    }
  }
  await closeHosts();
}

function describe(host: string, { removed, guests }: Forgotten): string {
  const lines = [`These leave the state; nothing is deleted on any host:`, ...removed.map((urn) => `  ${urn.split("::").slice(2).join("::")}`)];
  if (guests.length > 0) {
    lines.push("", `Of these guests ${host} was the last known place: ${guests.join(", ")}.`,
      "Their disks in shared pools stay as they are, and a pool that holds them is not deleted.",
      "If the machine ever runs again, they may run on it: cut it off from power and shared storage before they are made anew elsewhere.");
  }
  return lines.join("\n");
}
