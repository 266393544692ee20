import { systemClock, type Clock } from "../base/clock.js";
import { DroverError, messageOf } from "../base/error.js";
import { silentLog, type Log } from "../base/log.js";
import { retry } from "../base/retry.js";
import { agentName, runAgent, UnusableDevice, type FenceDevice } from "./fence-agent.js";

export { agentName, problemsOf, type FenceDevice } from "./fence-agent.js";

/** That a host's power is off, as its fence device said after it had switched it off. */
export interface FenceProof {
  /** The agent: `fence_ipmilan`. */
  readonly by: string;
  /** The device's index in the host's list. */
  readonly device: number;
  /** When the device said so, ISO 8601. */
  readonly at: string;
}

export type Power = "on" | "off";

export interface FenceOptions {
  /** Rounds through all devices after the first. Default 2. */
  readonly retries?: number;
  readonly clock?: Clock;
  /** Gets one line for each answer of a device. */
  readonly log?: Log;
  /** Ends the agent that runs, and with it all. */
  readonly signal?: AbortSignal | undefined;
}

/** What `status` of a fence agent says by its exit code; everything else is an error. */
const POWER_BY_CODE: ReadonlyMap<number, Power> = new Map([[0, "on"], [2, "off"]]);
const DEFAULT_RETRIES = 2;
const FIRST_DELAY_MS = 1_000;
const STATUS_PATIENCE_MS = 5_000;

/**
 * Whether a host has power, as one of its fence devices says.
 * @param host its name, for errors
 * @throws DroverError when the device does not say it; the agent's words are in it, without secrets
 */
export async function fenceStatus(host: string, device: FenceDevice, { signal }: Pick<FenceOptions, "signal"> = {}): Promise<Power> {
  const { code, text } = await runAgent(device, "status", host, signal);
  const power = POWER_BY_CODE.get(code);
  if (power !== undefined) return power;
  throw new DroverError({ attempted: `ask ${agentName(device)} for status`, host, answer: failure(code, text), next: "see whether the device answers, and correct the host's `fence`" });
}

/**
 * That a host's power is off already, as one of its devices says, and none says otherwise. Nothing is switched.
 * @param options.patienceMs how long they are waited for. Default 5,000: whoever asks has something else to try
 */
export async function proofOfOff(host: string, devices: readonly FenceDevice[], { signal, clock = systemClock, patienceMs = STATUS_PATIENCE_MS }: Pick<FenceOptions, "signal" | "clock"> & { readonly patienceMs?: number } = {}): Promise<FenceProof | undefined> {
  const patience = AbortSignal.timeout(patienceMs);
  const asking = signal === undefined ? patience : AbortSignal.any([signal, patience]);
  // One that does not say it says nothing.
  const said = await Promise.all(devices.map((device) => fenceStatus(host, device, { signal: asking }).catch(() => undefined)));
  signal?.throwIfAborted();
  const index = said.indexOf("off");
  const device = devices[index];
  return device === undefined || said.includes("on") ? undefined : { by: agentName(device), device: index, at: new Date(clock.nowMs()).toISOString() };
}

/**
 * Cuts a host's power and makes sure that it is cut: for each device in order `off`, and then its `status` must say off; a
 * device that says that it did it, and whose status says on, did not. What fails gives way to the next device, and all of them
 * are tried again. A host is never restarted.
 *
 * The proof is the device's word. It is worth as much as the device: it must be that of this host, and cut all of its power.
 *
 * @param host its name, for errors and the log
 * @param devices in order of preference
 * @throws DroverError with what each device said: the host may have power
 * @example const { by, at } = await powerOff("ash", [{ agent: "ipmilan", parameters: { ip: "10.0.0.21", username: "drover", lanplus: true }, secrets: { password } }], { log });
 */
export function powerOff(host: string, devices: readonly FenceDevice[], options: FenceOptions = {}): Promise<FenceProof> {
  return switchPower(host, devices, "off", options);
}

/** Gives a host its power back, as {@link powerOff} takes it: a device must say that it is on. @throws DroverError with what each device said */
export function powerOn(host: string, devices: readonly FenceDevice[], options: FenceOptions = {}): Promise<FenceProof> {
  return switchPower(host, devices, "on", options);
}

/** No device did it in one round. */
class Unswitched extends Error {
  constructor(readonly isFinal: boolean) {
    super("no device did it");
  }
}

async function switchPower(host: string, devices: readonly FenceDevice[], wanted: Power, options: FenceOptions): Promise<FenceProof> {
  const { clock = systemClock, log = silentLog, retries = DEFAULT_RETRIES, signal } = options;
  const attempted = wanted === "off" ? "cut the power" : "switch the power on";
  if (devices.length === 0) throw new DroverError({ attempted, host, answer: "it has no fence device", next: "give its `Host` one by `fence`, and run `pulumi up`" });
  /** What each device said last. */
  const said = new Map<number, string>();
  const unusable = new Set<number>();
  const round = async (): Promise<FenceProof> => {
    for (const [index, device] of devices.entries()) {
      if (unusable.has(index)) continue;
      const answer = await switchBy(host, device, wanted, signal).catch((error: unknown) => {
        signal?.throwIfAborted();
        if (error instanceof UnusableDevice) unusable.add(index);
        return { isDone: false, text: error instanceof DroverError ? `${error.answer}${error.next === undefined ? "" : `; ${error.next}`}` : messageOf(error) };
      });
      log.info(`${host}: ${nameOf(devices, index)}: ${answer.text}`);
      if (answer.isDone) return { by: agentName(device), device: index, at: new Date(clock.nowMs()).toISOString() };
      said.set(index, answer.text);
    }
    throw new Unswitched(unusable.size === devices.length);
  };
  try {
    return await retry(round, { when: (error) => error instanceof Unswitched && !error.isFinal, retries, firstDelayMs: FIRST_DELAY_MS, signal });
  } catch (error) {
    if (!(error instanceof Unswitched)) throw error;
    const answers = [...said].map(([index, text]) => `${nameOf(devices, index)}: ${text}`);
    throw new DroverError({ attempted, host, answer: answers.length === 1 ? answers.join("") : ["", ...answers].join("\n  - "), next: wanted === "off" ? `it may be on: see to its fence devices, and try them by \`drover fence ${host}\`` : "see to its fence devices" });
  }
}

/** One device does it, and says that it is done. */
async function switchBy(host: string, device: FenceDevice, wanted: Power, signal: AbortSignal | undefined): Promise<{ readonly isDone: boolean; readonly text: string }> {
  const { code, text } = await runAgent(device, wanted, host, signal);
  if (code !== 0) return { isDone: false, text: `${wanted} failed: ${failure(code, text)}` };
  const power = await fenceStatus(host, device, { signal });
  return power === wanted ? { isDone: true, text: `${wanted}, and its status says ${power}` } : { isDone: false, text: `${wanted} succeeded, and yet its status says ${power}` };
}

/** `fence_ipmilan`, with its place where a host has several devices. */
function nameOf(devices: readonly FenceDevice[], index: number): string {
  const [device] = devices.slice(index);
  const name = device === undefined ? "" : agentName(device);
  return devices.length === 1 ? name : `device ${index + 1}, ${name}`;
}

function failure(code: number, text: string): string {
  return text === "" ? `exit code ${code}` : `${text} (exit code ${code})`;
}
