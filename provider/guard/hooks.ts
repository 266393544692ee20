import { messageOf } from "../base/error.js";
import { runProgram, smallEnvironment } from "../base/program.js";
import { retry } from "../base/retry.js";
import { within } from "../base/within.js";
import { EVENT_KINDS, type EventKind, type GuardEvent } from "./events.js";

/** Whom a guard tells what a person must know. */
export interface HookTargets {
  /** A command for the shell; it gets the event as JSON on its standard input. */
  readonly command?: string | undefined;
  /** An http or https URL; it gets the event as JSON by POST. It may hold a secret, and is in no event. */
  readonly url?: string | undefined;
  /** Kinds of events that are told. Default: those of which a person should hear at once. */
  readonly kinds?: ReadonlySet<EventKind> | undefined;
  /** How long one call may take, in seconds. Default 30. */
  readonly timeoutSeconds?: number | undefined;
}

type Call = (event: GuardEvent, timeoutMs: number, signal: AbortSignal) => Promise<void>;

const DEFAULT_TIMEOUT_SECONDS = 30;
/** After the first of each call. */
const RETRIES = 3;
/** Of what a command says of its failure, in characters. */
const MOST_SHOWN = 300;
/** A hook that hangs does not fill the memory. */
const MOST_WAITING = 200;
/** How long a guard that is stopped waits for what is still to be told. */
const ENDING_MS = 5_000;
const DEFAULT_KINDS: ReadonlySet<EventKind> = new Set((Object.keys(EVENT_KINDS) as EventKind[]).filter((kind) => EVENT_KINDS[kind]));

/**
 * Tells what a person must know, by a command or by HTTP: one event after the other, beside the guard's own work and never in its way.
 *
 * @example const hooks = new Hooks({ command: "mail -s drover ops@example.org" }, (text) => { … }); hooks.tell(event);
 */
export class Hooks {
  readonly #kinds: ReadonlySet<EventKind>;
  readonly #timeoutMs: number;
  readonly #targets: readonly { readonly name: string; readonly call: Call; done: Promise<void>; waiting: number }[];
  readonly #failed: (text: string) => void;
  readonly #end = new AbortController();

  /** @param failed hears of an event that could not be told, or was left out */
  constructor({ command, url, kinds = DEFAULT_KINDS, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: HookTargets, failed: (text: string) => void) {
    this.#kinds = kinds;
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#failed = failed;
    const targets: (readonly [string, Call])[] = [
      ...(command === undefined ? [] : [["the command", byCommand(command)] as const]),
      ...(url === undefined ? [] : [[new URL(url).host, byHttp(url)] as const]),
    ];
    this.#targets = targets.map(([name, call]) => ({ name, call, done: Promise.resolve(), waiting: 0 }));
  }

  /** Takes an event to tell, and returns at once. */
  tell(event: GuardEvent): void {
    if (!this.#kinds.has(event.kind)) return;
    for (const target of this.#targets) {
      if (target.waiting >= MOST_WAITING) {
        this.#failed(`${target.name} is behind by ${MOST_WAITING} events: ${describe(event)} is left out`);
        continue;
      }
      target.waiting += 1;
      target.done = target.done.then(async () => {
        const { signal } = this.#end;
        if (signal.aborted) return;
        try {
          await retry(() => target.call(event, this.#timeoutMs, signal), { when: () => true, retries: RETRIES, firstDelayMs: 500, signal });
        } catch (error) {
          if (!this.#end.signal.aborted) this.#failed(`${target.name} was not told ${describe(event)}: ${messageOf(error)}`);
        } finally {
          target.waiting -= 1;
        }
      });
    }
  }

  /** Waits until all is told, or for a few seconds: a guard that is stopped ends. */
  async close(): Promise<void> {
    await within(ENDING_MS, Promise.all(this.#targets.map(({ done }) => done)), () => new Error("it is late")).catch((error: unknown) => { this.#failed(`not all was told when the guard ended: ${messageOf(error)}`); });
    this.#end.abort(new Error("the guard ended"));
  }
}

function byCommand(command: string): Call {
  return async (event, timeoutMs, signal) => {
    const about = { DROVER_EVENT_KIND: event.kind, DROVER_EVENT_GUARD: event.guard, DROVER_EVENT_HOST: event.host ?? "", DROVER_EVENT_VM: event.vm ?? "" };
    const { code, stderr, wasLate } = await runProgram("/bin/sh", ["-c", command], { input: `${JSON.stringify(event)}\n`, timeoutMs, signal, env: smallEnvironment(about) });
    const said = stderr.trim().slice(0, MOST_SHOWN);
    if (wasLate || code !== 0) throw new Error(`${wasLate ? `no end within ${timeoutMs / 1000} s` : `exit code ${code}`}${said === "" ? "" : `: ${said}`}`);
  };
}

function byHttp(url: string): Call {
  return async (event, timeoutMs, end) => {
    const signal = AbortSignal.any([end, AbortSignal.timeout(timeoutMs)]);
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(event), signal });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  };
}

function describe({ kind, host, vm }: GuardEvent): string {
  return [kind, host, vm].filter((part) => part !== undefined).join(" ");
}
