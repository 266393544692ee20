import { Command, InvalidArgumentError, Option } from "commander";
import type { Log } from "../provider/base/log.js";
import { BMC_FAULTS, type BmcFault } from "../lab/bmc.js";
import { breakHost, healHost } from "../lab/control.js";
import { CUT_KINDS, type CutKind } from "../lab/faults.js";
import { labDown } from "../lab/down.js";
import { ensureImage, type ImageName } from "../lab/images/cache.js";
import { requireRoot } from "../lab/machine.js";
import { labPlace } from "../lab/place.js";
import { IO_TIMEOUTS } from "../lab/sanlock.js";
import { shell } from "../lab/shell.js";
import { formatStatus, labStatus } from "../lab/status.js";
import { labUp, recordImage, type UpOptions } from "../lab/up.js";

/** Progress goes to standard error: standard output is for results. */
const log: Log = {
  debug: () => {},
  info: (message) => { console.error(message); },
  warn: (message) => { console.error(`warning: ${message}`); },
  error: (message) => { console.error(`error: ${message}`); },
};

interface Named { readonly name?: string }

/** `drover lab`: the embedded data centre. */
export function labCommand(): Command {
  const lab = new Command("lab").description("a data centre of real libvirt hosts on this machine").enablePositionalOptions()
    .hook("preAction", (_lab, command) => {
      if (command.name() !== "image") requireRoot(`run drover lab ${command.name()}`);
    });

  named(lab.command("up"))
    .description("bring the lab up: make what is missing, start what died, heal what was broken")
    .option("--hosts <count>", "how many hosts (default: 3)", wholeNumber)
    .addOption(new Option("--storage <kind>", "how the hosts share disks (default: folder)").choices(["folder", "gluster"]))
    .addOption(new Option("--sanlock <io_timeout>", "guests hold leases on the shared storage, and each host has a watchdog: sanlock with this io_timeout, in seconds").choices(IO_TIMEOUTS))
    .option("--kvm", "let guests use /dev/kvm; without it they are emulated")
    .action(async ({ sanlock, ...options }: Omit<UpOptions, "sanlock"> & Named & { readonly sanlock?: string }) => {
      const place = labPlace(options.name);
      await labUp(place, { ...options, ...(sanlock === undefined ? {} : { sanlock: Number(sanlock) }) }, log);
      console.log(formatStatus(await labStatus(place)));
    });

  named(lab.command("down"))
    .description("take the lab down and leave nothing of it")
    .action(async (options: Named) => {
      const place = labPlace(options.name);
      const stopped = await labDown(place);
      console.log(`lab ${place.name}: ${stopped === 0 ? "nothing was running" : `stopped ${stopped} machines`}`);
    });

  named(lab.command("status"))
    .description("show the lab's hosts")
    .option("--json", "as JSON")
    .action(async (options: Named & { readonly json?: true }) => {
      const status = await labStatus(labPlace(options.name));
      console.log(options.json === true ? JSON.stringify(status, undefined, 2) : formatStatus(status));
    });

  named(lab.command("shell"))
    .description("a shell inside a host, or one command: drover lab shell [options] ash -- virsh list")
    .argument("<host>")
    .argument("[command...]")
    .passThroughOptions()
    .action(async (host: string, command: string[], options: Named) => {
      process.exitCode = await shell(labPlace(options.name), host, command[0] === "--" ? command.slice(1) : command);
    });

  named(lab.command("break"))
    .description("stop a host dead, cut it off, make its link slow, or break its BMC")
    .argument("<host>")
    .addOption(new Option("--network", "pull its network cable").conflicts(["management", "guests", "storage", "rate", "bmc"]))
    .addOption(new Option("--management", "cut its own address off: ssh, libvirt and migrations; its guests and its storage are reached").conflicts(["guests", "storage", "rate", "bmc"]))
    .addOption(new Option("--guests", "cut its guests off from the network; the host is reached").conflicts(["storage", "rate", "bmc"]))
    .addOption(new Option("--storage", "take the shared storage from it").conflicts(["rate", "bmc"]))
    .option("--rate <rate>", "let its link carry so much each way, as tc writes it: 100mbit", linkRate)
    .addOption(new Option("--bmc <fault>", "its BMC is down, acknowledges all and does nothing (deaf), or says that it did it too (lying)").choices(BMC_FAULTS).conflicts("rate"))
    .action(async (host: string, options: Named & { readonly [kind in CutKind]?: true } & { readonly rate?: string; readonly bmc?: BmcFault }) => {
      const fault = options.bmc !== undefined ? { bmc: options.bmc } : options.rate !== undefined ? { rate: options.rate } : CUT_KINDS.find((kind) => options[kind] === true) ?? "host";
      await breakHost(labPlace(options.name), host, fault);
    });

  named(lab.command("heal"))
    .description("end what `break` did to a host")
    .argument("<host>")
    .action(async (host: string, options: Named) => {
      await healHost(labPlace(options.name), host, log);
    });

  named(lab.command("image"))
    .description("build a guest image, unless it is cached, and print its path")
    .argument("<image>", "tiny or debian", imageName)
    .action(async (image: ImageName, options: Named) => {
      const path = await ensureImage(image, log);
      await recordImage(labPlace(options.name), image, path);
      console.log(path);
    });

  return lab;
}

function named(command: Command): Command {
  return command.option("--name <lab>", "which lab (default: DROVER_LAB, else \"lab\")");
}

function wholeNumber(text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError("a whole number is expected.");
  return Number(text);
}

function linkRate(text: string): string {
  if (!/^[0-9]+[kmg]bit$/i.test(text)) throw new InvalidArgumentError("a rate such as 100mbit is expected.");
  return text.toLowerCase();
}

function imageName(text: string): ImageName {
  if (text === "tiny" || text === "debian") return text;
  throw new InvalidArgumentError("the images are tiny and debian.");
}
