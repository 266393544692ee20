/**
 * Loaded into each Node process of a `pulumi` run (`NODE_OPTIONS=--import …`), it appends the name of every libvirt procedure that
 * is called to the file that `DROVER_TEST_CALLS` names, and whether it only reads.
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import { Connection } from "../../provider/libvirt/index.js";

const file = process.env["DROVER_TEST_CALLS"];
for (const method of ["call", "openStream"] as const) {
  const original: unknown = Reflect.get(Connection.prototype, method);
  if (file === undefined || typeof original !== "function") continue;
  Reflect.set(Connection.prototype, method, function (this: Connection, ...args: readonly [{ readonly name: string; readonly repeatable: boolean }, ...unknown[]]): unknown {
    appendFileSync(file, `${args[0].repeatable ? "reads" : "writes"} ${args[0].name}\n`);
    const answer: unknown = Reflect.apply(original, this, args);
    return answer;
  });
}
