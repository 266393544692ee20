import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { healHost, breakHost, hostOf } from "../../lab/control.js";
import { inside } from "../../lab/machine.js";
import type { Lab } from "../../lab/model.js";
import { labPlace } from "../../lab/place.js";
import { run } from "../../lab/run.js";
import { machineOf } from "../../lab/shell.js";
import { silentLog } from "../../provider/base/log.js";
import { systemClock } from "../../provider/base/clock.js";
import { PulumiProject, type Run } from "../../test/lab/support/pulumi.js";
import { httpGet } from "../../test/lab/support/lab.js";
import { CounterClient } from "../../test/lab/support/moving.js";
import { benchLab } from "../lab-host.js";
import { median, report, summarize, type Bench } from "../report.js";
import { program, type Edit } from "./program.js";

const GUESTS = 12;
/** What each guest has written of its 384 MiB, as much as its /run holds: that and its kernel are to be copied. */
const FILLED_MIB = 170;
const [SOURCE, ...TARGETS] = ["ash", "birch", "cedar"] as const;
/** Slow enough that the network is what is waited for, on two cores with emulated guests; as fast out of the host as into the others together. */
const MBPS = { ash: 240, birch: 120, cedar: 120 } as const;

/** A host of twelve guests that is emptied over a slow link, against the link itself and against `virsh migrate`, one guest after the other. */
export const drain: Bench = {
  name: "drain",
  summary: `seconds to empty a host of ${GUESTS} guests by pulumi up over a link of ${MBPS[SOURCE]} Mb/s, against bytes over link rate and virsh migrate; predicted against real durations; downtimes`,
  async run() {
    const lab = await benchLab();
    const place = labPlace(lab.name, lab.directory);
    const shared = join(lab.directory, "shared", "bench-drain");
    await mkdir(shared, { recursive: true });
    const project = await PulumiProject.create({ program: "", project: "drain", environment: { ...lab.env } });
    const up = async (edit: Partial<Edit>): Promise<Run & { seconds: number }> => {
      await project.write(program(lab, { guests: GUESTS, mbps: MBPS, maintenance: [], ...edit }));
      const startMs = performance.now();
      const made = await project.up();
      if (made.code !== 0) throw new Error(made.output);
      return { ...made, seconds: (performance.now() - startMs) / 1000 };
    };
    const slow = async (isSlow: boolean): Promise<void> => {
      for (const [host, mbps] of Object.entries(MBPS)) await (isSlow ? breakHost(place, host, { rate: `${mbps}mbit` }) : healHost(place, host, silentLog));
    };
    const clients: CounterClient[] = [];
    try {
      const guests = Object.entries((await up({ maintenance: TARGETS }).then(() => project.outputs()))["addresses"] as Record<string, string>);
      for (const [, address] of guests) await fill(address);
      for (const [, address] of guests) clients.push(await CounterClient.connect({ address }));
      const fixed = (await up({})).seconds;
      const quiet = await preview(project);

      await slow(true);
      const shown = await preview(project, program(lab, { guests: GUESTS, mbps: MBPS, maintenance: [SOURCE] }));
      for (const client of clients) client.forget();
      const drained = await up({ maintenance: [SOURCE] });
      const downtimes = clients.map(({ longestSilenceMs }) => longestSilenceMs);
      const alive = await living(clients);
      await slow(false);

      const moves = movesOf(drained);
      const ours = sent(drained);
      await up({ maintenance: TARGETS });
      await slow(true);
      const before = await living(clients);
      const virsh = await byVirsh(lab, guests.map(([name]) => name));
      await slow(false);
      const after = await living(clients);

      const ideal = (Math.min(ours, virsh.megabytes) * 8) / MBPS[SOURCE];
      const predicted = moves.map(({ seconds }) => seconds);
      const real = moves.map(({ vm }) => realSeconds(drained, vm) ?? Number.NaN);
      const errors = predicted.map((seconds, index) => Math.abs(seconds / (real[index] ?? Number.NaN) - 1));
      const own = drained.seconds - fixed;
      const details = { guests: moves.length, megabytes: Math.round(ours), upSeconds: drained.seconds, quietUpSeconds: fixed };
      report({ bench: "drain", figure: "emptying a host by pulumi up, beyond a quiet pulumi up, against bytes over link rate", unit: "s", ours: own, peer: ideal, peerName: "bytes / link rate", goal: { of: "ratio", relation: "≤", value: 1.25 }, details });
      report({ bench: "drain", figure: "emptying a host by pulumi up against virsh migrate, one after the other", unit: "s", ours: drained.seconds, peer: virsh.seconds, peerName: "virsh migrate --live", goal: { of: "ratio", relation: "≤", value: 0.7 }, details: { virshMegabytes: Math.round(virsh.megabytes) } });
      report({ bench: "drain", figure: "mean error of predicted durations", unit: "%", ours: 100 * mean(errors), peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 20 }, details: { worst: Math.round(100 * Math.max(...errors)), predicted: predicted.map((seconds) => seconds.toFixed(1)).join(" "), real: real.map((seconds) => seconds.toFixed(1)).join(" ") } });
      report({ bench: "drain", figure: "longest silence that a guest's client saw, median", unit: "ms", ours: median(downtimes), peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 1000 }, details: { worst: Math.max(...downtimes) } });
      // An emulator's migration loses a write now and then (docs/lab.md): then it does by virsh too.
      report({ bench: "drain", figure: "guests that answer by the same connection afterwards", unit: "guests", ours: alive, peer: GUESTS - before + after, peerName: "virsh migrate --live", goal: { of: "ours", relation: "≥", value: GUESTS } });
      report({ bench: "drain", figure: `preview of ${GUESTS} VMs on 3 hosts with nothing to do`, unit: "s", ours: quiet, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 15 } });
      report({ bench: "drain", figure: `preview of ${GUESTS} moves`, unit: "s", ours: shown, peer: null, peerName: null, goal: { of: "ours", relation: "≤", value: 15 } });
      summarize(`drain: ${GUESTS} guests with ${Math.round(ours)} MB in ${own.toFixed(1)} s beyond Pulumi's own ${fixed.toFixed(1)} s; the link needs ${ideal.toFixed(1)} s, virsh ${virsh.seconds.toFixed(1)} s; prediction off by ${(100 * mean(errors)).toFixed(0)} %; silence ${median(downtimes)} ms, at worst ${Math.max(...downtimes)} ms`);
    } finally {
      for (const client of clients) client.close();
      await slow(false);
      // virsh has moved them behind Pulumi's back.
      await project.refresh();
      await project.remove();
      await rm(shared, { recursive: true });
    }
  },
};

/** How many of them go on counting. */
async function living(clients: readonly CounterClient[]): Promise<number> {
  const found = await Promise.all(clients.map((client) => client.advances(5, 30_000).then(() => true, () => false)));
  return found.filter(Boolean).length;
}

/** Lets a guest write its memory and then leave it as it is. */
async function fill(address: string): Promise<void> {
  await httpGet(address, `/dirty/${FILLED_MIB}`, 120_000);
  await systemClock.sleep(3_000);
  await httpGet(address, "/dirty/0");
}

async function preview(project: PulumiProject, text?: string): Promise<number> {
  if (text !== undefined) await project.write(text);
  const startMs = performance.now();
  const { code, output } = await project.preview();
  if (code !== 0) throw new Error(output);
  return (performance.now() - startMs) / 1000;
}

interface Move {
  readonly vm: string;
  readonly seconds: number;
}

/** As they were predicted. */
function movesOf({ changes }: Run): readonly Move[] {
  return (changes.find(({ kind }) => kind === "Placement")?.inputs["plan"] as { readonly moves: readonly Move[] } | undefined)?.moves ?? [];
}

/** What the run tells when a move has ended. */
const MOVED = /^moved (\S+) from \S+ to \S+ in ([0-9.]+) s, (\d+) MB/;

function realSeconds({ messages }: Run, vm: string): number | undefined {
  const found = messages.map(({ text }) => MOVED.exec(text.trim())).find((match) => match?.[1] === vm);
  return found === undefined ? undefined : Number(found?.[2]);
}

function sent({ messages }: Run): number {
  return messages.reduce((sum, { text }) => sum + Number(MOVED.exec(text.trim())?.[3] ?? 0), 0);
}

/** As an operator empties a host by hand. */
async function byVirsh(lab: Lab, names: readonly string[]): Promise<{ seconds: number; megabytes: number }> {
  const machine = await machineOf(labPlace(lab.name, lab.directory), SOURCE);
  let megabytes = 0;
  const startMs = performance.now();
  for (const [index, name] of names.entries()) {
    const target = TARGETS[index % TARGETS.length] ?? SOURCE;
    const { address } = hostOf(lab, target);
    await run(inside(machine, ["virsh", "migrate", "--live", "--unsafe", "--persistent", "--undefinesource", name, `qemu+tcp://${target}/system`, `tcp://${address}`]));
  }
  const seconds = (performance.now() - startMs) / 1000;
  for (const [index, name] of names.entries()) {
    const there = await machineOf(labPlace(lab.name, lab.directory), TARGETS[index % TARGETS.length] ?? SOURCE);
    const stdout = await run(inside(there, ["virsh", "domjobinfo", "--completed", name]));
    const [, amount = "0", unit = "MiB"] = /Data processed: +([0-9.]+) (\S+)/.exec(stdout) ?? [];
    megabytes += (Number(amount) * (unit === "GiB" ? 1024 : unit === "KiB" ? 1 / 1024 : 1) * 1024 ** 2) / 1e6;
  }
  return { seconds, megabytes };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
