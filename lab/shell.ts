import { spawn } from "node:child_process";
import { DroverError } from "../provider/base/error.js";
import { existingLab, hostOf } from "./control.js";
import { findMachines, inside, type Machine } from "./machine.js";
import type { LabPlace } from "./place.js";
import { LAB_ENVIRONMENT } from "./run.js";

/** The running machine of a host. @throws DroverError when it is down. */
export async function machineOf(place: LabPlace, name: string): Promise<Machine> {
  hostOf(await existingLab(place), name);
  const machine = (await findMachines(place)).get(name);
  if (machine !== undefined) return machine;
  throw new DroverError({ attempted: "enter the host", host: name, answer: "it does not run", next: `bring it back: drover lab heal ${name}` });
}

/** Runs a command, or a shell, inside a host with this terminal; returns its exit code. */
export async function shell(place: LabPlace, host: string, command: readonly string[]): Promise<number> {
  const machine = await machineOf(place, host);
  const [program = "", ...rest] = inside(machine, command.length > 0 ? command : ["/bin/bash", "-l"]);
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: "inherit", env: { ...LAB_ENVIRONMENT, TERM: process.env.TERM ?? "dumb" } });
    child.once("error", reject);
    child.once("exit", (code) => { resolve(code ?? 128); });
  });
}
