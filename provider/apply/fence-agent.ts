import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { DroverError, messageOf } from "../base/error.js";
import { runProgram, smallEnvironment } from "../base/program.js";

/** A device that cuts a host's power, by the agent that speaks with it. */
export interface FenceDevice {
  /** Name of the agent, with or without `fence_`. */
  readonly agent: string;
  /** Its parameters by the names that it has for standard input. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Parameters that are in no error and no log. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** How long one action may take. Default 60. */
  readonly timeoutSeconds?: number | undefined;
}

/** What an agent is asked for. `reboot` is not among it: it proves nothing, and brings back what is to be gone. */
export type FenceAction = "status" | "off" | "on";

/** How an agent ended. */
export interface AgentAnswer {
  readonly code: number;
  /** What it said, for an operator: without secrets, and not longer than a few lines. */
  readonly text: string;
}

const DEFAULT_TIMEOUT_SECONDS = 60;
/** Where Debian and Red Hat have the agents, which is not on everybody's PATH. */
const AGENT_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/sbin"];
/** What is shown of an agent's words, in characters. */
const MOST_SHOWN = 600;

/** `fence_ipmilan`, whichever way it was written. */
export function agentName({ agent }: Pick<FenceDevice, "agent">): string {
  return agent.startsWith("fence_") ? agent : `fence_${agent}`;
}

/** What is wrong with a device's description: paths below it with reasons, never with a value. */
export function problemsOf({ agent, parameters = {}, secrets = {} }: FenceDevice): { readonly property: string; readonly reason: string }[] {
  const of = (group: string, values: Readonly<Record<string, unknown>>): { property: string; reason: string }[] => Object.entries(values).flatMap(([name, value]) => {
    const property = `${group}.${name}`;
    if (!PARAMETER_NAME.test(name)) return [{ property: group, reason: `${JSON.stringify(name)} is no name of a parameter` }];
    if (OURS.includes(name)) return [{ property, reason: "what is done is none of the parameters: it is off, on or status as it is needed" }];
    if (group === "parameters" && SECRET_NAME.test(name)) return [{ property, reason: "belongs into secrets" }];
    return SPLITS_LINES.test(String(value)) ? [{ property, reason: "holds a line break, which an agent would take for the next parameter" }] : [];
  });
  return [
    ...(AGENT_NAME.test(agent) ? [] : [{ property: "agent", reason: "is no name of a fence agent" }]),
    ...of("parameters", parameters), ...of("secrets", secrets),
    ...Object.keys(secrets).filter((name) => name in parameters).map((name) => ({ property: `secrets.${name}`, reason: "is among the parameters too" })),
  ];
}

const AGENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const PARAMETER_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
/** `option` is the old name of `action`. */
const OURS: readonly string[] = ["action", "option"];
const SECRET_NAME = /(^|[_-])(passwd|password|passphrase|secret|token)$/i;
/** Everything at which Python's `readlines` and `strip`, or a C program, would end a line or a value. */
const SPLITS_LINES = /[\u0000\n\r\u000b\u000c\u0085\u2028\u2029]/;

/** A device that no further try makes any better: its agent is not here, or its description is wrong. */
export class UnusableDevice extends DroverError {
  override readonly name = "UnusableDevice";
}

/**
 * Runs a device's agent for one action, on this machine. It gets everything by its standard input.
 * @throws UnusableDevice when it is not installed or was described wrongly
 * @throws DroverError when it did not end in time; its process group was killed then
 */
export async function runAgent(device: FenceDevice, action: FenceAction, host: string, signal?: AbortSignal): Promise<AgentAnswer> {
  const { path, attempted } = await usable(device, action, host);
  const timeoutSeconds = device.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const answer = await runProgram(path, [], {
    input: inputOf(device, action), timeoutMs: timeoutSeconds * 1000, signal,
    env: smallEnvironment({ PATH: searchPath().join(delimiter), LC_ALL: "C.UTF-8", PYTHONWARNINGS: "ignore" }),
  }).catch((error: unknown) => {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new DroverError({ attempted, host, answer: messageOf(error), next: `see whether ${path} runs at all`, cause: error });
  });
  const text = spoken(answer.stderr.trim() === "" ? answer.stdout : answer.stderr, Object.values(device.secrets ?? {}));
  if (answer.wasLate) throw new DroverError({ attempted, host, answer: `no answer within ${timeoutSeconds} s${text === "" ? "" : `; it had said: ${text}`}`, next: "see whether the device answers, or give it more time by `timeoutSeconds`" });
  return { code: answer.code, text };
}

async function usable(device: FenceDevice, action: FenceAction, host: string): Promise<{ readonly path: string; readonly attempted: string }> {
  const name = agentName(device);
  const attempted = `ask ${name} for ${action}`;
  const [problem] = problemsOf(device);
  if (problem !== undefined) throw new UnusableDevice({ attempted, host, answer: `${problem.property}: ${problem.reason}`, next: "correct the host's `fence`" });
  const path = await findAgent(name);
  if (path !== undefined) return { path, attempted };
  throw new UnusableDevice({ attempted, host, answer: `this machine has no ${name}`, next: "install Debian's package fence-agents here (`apt-get install fence-agents`), or correct the agent's name" });
}

function searchPath(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, ...AGENT_FOLDERS.filter((folder) => !folders.includes(folder))];
}

async function findAgent(name: string): Promise<string | undefined> {
  for (const folder of searchPath()) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(() => true, () => false);
    if (isThere) return path;
  }
  return undefined;
}

function inputOf({ parameters = {}, secrets = {} }: FenceDevice, action: FenceAction): string {
  const lines = Object.entries({ ...parameters, ...secrets }).map(([name, value]) => `${name}=${quoted(typeof value === "boolean" ? (value ? "1" : "0") : String(value))}\n`);
  return `${lines.join("")}action=${action}\n`;
}

/** The agents' common library takes white space from both ends of a line, and one pair of quotes from a value. */
function quoted(value: string): string {
  return value !== value.trim() || /^".*"$/.test(value) ? `"${value}"` : value;
}

/** An agent's words for an operator: masked before they are cut, or the half of a secret would be left. */
function spoken(text: string, secrets: readonly string[]): string {
  const lines = masked(text, secrets).split("\n").map((line) => line.replace(LOG_STAMP, "").trim()).filter((line) => line !== "" && !line.startsWith("Please use '-h'"));
  return lines.join("; ").slice(-MOST_SHOWN);
}

/** `2026-11-23 16:43:55,164 ERROR: ` */
const LOG_STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ /;

/** Every secret, also as a shell, JSON or a URL would write it. */
function masked(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret !== "").flatMap((secret) => [
    secret, secret.replaceAll("'", `'"'"'`), secret.replaceAll("'", String.raw`\'`), secret.replaceAll("'", String.raw`'\''`), JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString("base64"),
  ]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length).reduce((hidden, form) => hidden.replaceAll(form, "…"), text);
}
