/**
 * Loaded into each Node process of a preview (`node --import`): in Pulumi's provider process it writes down how long Placement's check
 * takes, for neither Pulumi nor a provider says that. The code that is measured is left as it is, but for one line below it.
 */
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";
import { CHECKS_FILE, type ObservedCheck } from "./observed.js";

const file = process.env[CHECKS_FILE];
const [, program = ""] = process.argv;

if (isMainThread && file !== undefined && /[\\/]dynamic-provider[\\/]index\.js$/.test(program)) {
  Reflect.set(globalThis, "observeCheck", (check: (...args: readonly unknown[]) => Promise<unknown>) => async (...args: readonly unknown[]): Promise<unknown> => {
    const startMs = Date.now();
    const before = process.cpuUsage();
    try {
      return await check(...args);
    } finally {
      const { user, system } = process.cpuUsage(before);
      const observed: ObservedCheck = { startMs, endMs: Date.now(), cpuSeconds: (user + system) / 1e6 };
      appendFileSync(file, `${JSON.stringify(observed)}\n`);
    }
  });
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith("/provider/kinds/placement.js")) return loaded;
      return { ...loaded, source: `${Buffer.from(loaded.source as Uint8Array).toString()}\nhandler.check = observeCheck(handler.check);\n` };
    },
  });
}
