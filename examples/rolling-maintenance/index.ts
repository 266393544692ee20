/**
 * Maintenance of all hosts of a stack, one after the other: each is emptied by live migration, a command of yours runs for it,
 * and once it answers again its place is given back.
 *
 *   node examples/rolling-maintenance/index.ts --stack lab -- 'ssh root@$DROVER_HOST apt-get -y dist-upgrade'
 *
 * The program of the stack reads the config `maintenance`, a list of hosts' names, as examples/three-hosts does. It takes several
 * updates, one before and one after each host's command, and so it is no Pulumi program but drives one, by the Automation API.
 */
import { dirname, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { Round } from "./round.ts";
import { RollingStack } from "./stack.ts";

const USAGE = `usage: node index.ts [--directory FOLDER] --stack NAME [--hosts a,b] [--patience SECONDS] [--steady SECONDS] -- COMMAND
  COMMAND     run by the shell for each host once it is empty, with DROVER_HOST (its name) and DROVER_HOST_URI
  --directory folder of the stack's Pulumi.yaml (default: the one of examples/three-hosts)
  --stack     name of the stack (default: PULUMI_STACK)
  --hosts     only these, in this order (default: all hosts of the stack, by name)
  --patience  how long a host may take to answer again (default: 900)
  --steady    how long it must go on answering, for one that is about to restart answers as well (default: 20)
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { directory: { type: "string" }, stack: { type: "string" }, hosts: { type: "string" }, patience: { type: "string" }, steady: { type: "string" } },
  });
  const stackName = values.stack ?? process.env["PULUMI_STACK"] ?? "";
  const patienceSeconds = Number(values.patience ?? 900);
  const steadySeconds = Number(values.steady ?? 20);
  const [command, ...others] = positionals;
  if (stackName === "" || command === undefined || others.length > 0 || Number.isNaN(patienceSeconds + steadySeconds)) throw new Error(USAGE);
  const workDir = resolve(values.directory ?? dirname(dirname(import.meta.dirname)));
  const stack = await RollingStack.of(await LocalWorkspace.selectStack({ stackName, workDir }));
  await new Round(stack, { command, patienceSeconds, steadySeconds, hosts: values.hosts?.split(",") }).run();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
