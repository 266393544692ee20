#!/usr/bin/env node
import { Command } from "commander";
import { messageOf } from "../provider/base/error.js";
import { balanceCommand, confirmDeadCommand, evacuateCommand, statusCommand } from "./cluster.js";
import { fenceCommand } from "./fence.js";
import { forgetHostCommand } from "./forget-host.js";
import { guardCommand } from "./guard.js";
import { labCommand } from "./lab.js";
import { planCommand } from "./plan.js";

const program = new Command("drover")
  .description("A virtualization platform as code: tools around the drover Pulumi provider")
  .enablePositionalOptions()
  .addCommand(statusCommand())
  .addCommand(evacuateCommand())
  .addCommand(balanceCommand())
  .addCommand(confirmDeadCommand())
  .addCommand(fenceCommand())
  .addCommand(forgetHostCommand())
  .addCommand(guardCommand())
  .addCommand(labCommand())
  .addCommand(planCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
