import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import { agentName, fenceStatus, powerOff, powerOn, type FenceDevice } from "../provider/apply/fence.js";
import { DroverError, messageOf } from "../provider/base/error.js";
import { closeHosts } from "../provider/inventory/hosts.js";
import { lockOut, markDead, refuseLivingAnywhere, SPOKEN_SECONDS } from "../provider/kinds/placement/index.js";
import type { PlacementInputs } from "../provider/schema/index.js";
import { clustersOf, connected, log, ofStack, readNow, type StackOptions } from "./cluster.js";
import { confirmed } from "./pulumi.js";

interface Options extends StackOptions {
  readonly action: "status" | "off" | "on";
  /** One of the host's devices, counted from 1. Default: all in their order. */
  readonly device?: number;
  readonly yes?: true;
}

/** `drover fence`: tries a host's fence devices, or cuts its power for good. */
export function fenceCommand(): Command {
  return ofStack(new Command("fence").description("ask a host's fence devices whether it has power, cut its power or give it back; one whose power was cut is dead to its cluster, and the next `pulumi up` starts its VMs elsewhere"))
    .argument("<host>", "its name in the program")
    .addOption(new Option("--action <action>", "what to do").choices(["status", "off", "on"]).default("status"))
    .option("--device <number>", "only this one of its devices, the first is 1", deviceNumber)
    .option("--yes", "do not ask before its power is cut")
    .action(async (host: string, options: Options) => {
      const clusters = await clustersOf(options, host);
      await connected(async (signal) => {
        const devices = devicesOf(clusters, host, options.device);
        if (options.action === "off") await fenceForGood(clusters, host, devices, options.yes === true, signal);
        else if (options.action === "status") await showStatus(host, devices, signal);
        else await givePower(host, devices, signal);
      });
    });
}

function deviceNumber(text: string): number {
  if (!/^[1-9][0-9]*$/.test(text)) throw new InvalidArgumentError("a number from 1 is expected.");
  return Number(text);
}

/** The host's devices as the state has them. A host of several clusters has the same in each. */
function devicesOf(clusters: readonly PlacementInputs[], name: string, chosen: number | undefined): readonly FenceDevice[] {
  const devices = clusters.flatMap(({ hosts }) => hosts).find(({ host, fence = [] }) => host.name === name && fence.length > 0)?.fence ?? [];
  const attempted = `fence ${name}`;
  if (devices.length === 0) throw new DroverError({ attempted, answer: "it has no fence device", next: "give its `Host` one by `fence`, and run `pulumi up`" });
  if (chosen === undefined) return devices;
  const device = devices[chosen - 1];
  if (device === undefined) throw new DroverError({ attempted, answer: `it has ${devices.length} fence ${devices.length === 1 ? "device" : "devices"}, and no number ${chosen}` });
  return [device];
}

/** Every device is asked, for a second one that has been broken for a year is of no help. */
async function showStatus(host: string, devices: readonly FenceDevice[], signal: AbortSignal): Promise<void> {
  for (const device of devices) {
    try {
      console.log(`${host}: ${agentName(device)} says ${await fenceStatus(host, device, { signal })}`);
    } catch (error) {
      signal.throwIfAborted();
      console.error(messageOf(error));
      process.exitCode = 1;
    }
  }
}

async function givePower(host: string, devices: readonly FenceDevice[], signal: AbortSignal): Promise<void> {
  const { by } = await powerOn(host, devices, { log, signal });
  console.log(`${host} has power, says ${by}\nnext: when it answers, \`pulumi up\` takes it back`);
}

async function fenceForGood(clusters: readonly PlacementInputs[], host: string, devices: readonly FenceDevice[], isSure: boolean, signal: AbortSignal): Promise<void> {
  for (const inputs of clusters) console.log(await whatRuns(inputs, host, signal));
  if (!isSure && !(await confirmed(`Cut the power of ${host}? What runs there ends at once.`))) {
    console.log("nothing was changed");
    return;
  }
  // A guard at work would go on as if the host were there.
  for (const inputs of clusters) await lockOut({ log, signal }, inputs, false, `drover fence ${host}`);
  const { by, at } = await powerOff(host, devices, { log, signal });
  console.log(`${host} is off, says ${by} at ${at}`);
  // Connections from before do not notice that nobody is there any more.
  await closeHosts();
  for (const inputs of clusters) {
    const cluster = await readNow(inputs, signal);
    // A device may say what it likes, or be another machine's.
    await refuseLivingAnywhere(cluster, host, (text) => { log.warn(text); });
    const told = await markDead(cluster, host, `${by} says that its power is off`, SPOKEN_SECONDS);
    console.log(`${host} is taken for dead, which ${told.join(", ")} ${told.length === 1 ? "keeps" : "keep"}`);
  }
  console.log("next: `pulumi preview` shows where its VMs start");
}

/** What a person should know before the host goes. It is fenced whether or not that can be found out. */
async function whatRuns(inputs: PlacementInputs, host: string, signal: AbortSignal): Promise<string> {
  const placed = Object.entries(inputs.assignments ?? {}).filter(([, place]) => place.name === host).map(([vm]) => vm);
  const lastSeen = `when \`pulumi up\` ran last, it had ${listed(placed)}`;
  try {
    const { hosts } = await readNow(inputs, signal);
    const read = hosts.find(({ declared }) => declared.host.name === host)?.read;
    return read === undefined ? `${host} does not answer; ${lastSeen}` : `${host} answers, and runs ${listed(read.domains.filter(({ isActive }) => isActive).map(({ name }) => name))}`;
  } catch (error) {
    signal.throwIfAborted();
    return `what runs on ${host} is not known (${messageOf(error)}); ${lastSeen}`;
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "no guest" : [...names].sort().join(", ");
}
