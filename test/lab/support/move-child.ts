/** The process that `inAnotherProcess` starts: carries out one task, kills itself where it is told to, and prints what came of it. */
import { messageOf } from "../../../provider/base/error.js";
import { closeHosts, hostAt } from "../../../provider/inventory/hosts.js";
import { moveDomain, recoverMove, type MigrationPolicy, type MovePhase } from "../../../provider/apply/migrate/index.js";
import type { MoveResult, MoveTask } from "./moving.js";

const task = JSON.parse(process.argv[2] ?? "") as MoveTask;
const write = (message: string): void => { process.stderr.write(`${message}\n`); };
const log = { debug: write, info: write, warn: write, error: write };
const interruption = new AbortController();
process.once("SIGINT", () => { interruption.abort(new Error("it was interrupted")); });

function onPhase(phase: MovePhase): void {
  log.debug(`phase ${phase}`);
  if (task.killAt?.phase !== phase) return;
  if (task.killAt.afterMs === 0) process.kill(process.pid, "SIGKILL");
  setTimeout(() => { process.kill(process.pid, "SIGKILL"); }, task.killAt.afterMs);
}

let result: MoveResult;
try {
  const [from, to] = [hostAt(task.from), hostAt(task.to)];
  const policy: MigrationPolicy = "minimal-downtime";
  const outcome = task.task === "recover" ? await recoverMove(task.uuid, task.name, from, to, { log })
    : await moveDomain({ uuid: task.uuid, name: task.name, from, to }, { run: "child", policy, unsafe: true, signal: interruption.signal, log, onPhase, ...task.options });
  result = { outcome };
} catch (error) {
  result = { error: messageOf(error) };
}
await closeHosts();
process.stdout.write(`${JSON.stringify(result)}\n`);
