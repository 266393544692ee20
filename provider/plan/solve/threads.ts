import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { finishes, type Crew, type Finish, type StartTask } from "./search.js";

/** One more thread, as the thread that plans sees it. */
export interface Helper {
  readonly port: MessagePort;
  /** One whole number: how often the helper has answered. */
  readonly answered: SharedArrayBuffer;
}

/** What a helper is asked: a task, with a limit that counts from its arrival. */
export interface HelperTask extends Omit<StartTask, "limit"> {
  readonly seconds?: number;
}

/** What it answers. */
export interface HelperAnswer {
  readonly finishes: readonly Finish[];
  /** Its limit has cut something short. */
  readonly wasUp: boolean;
}

/**
 * Shares starts among this thread and helpers: start s is of thread s mod threads, whoever is sooner done.
 *
 * The search does not give its thread away while it waits, so it sleeps until a helper has answered. A helper that fails never
 * answers: whoever started the threads hears of it, and ends them all.
 */
export function crewOf(helpers: readonly Helper[]): Crew {
  return {
    begin({ limit, seeds, ...task }) {
      const size = helpers.length + 1;
      // The first start, which is none of these seeds, is this thread's.
      const seedsOf = (thread: number): readonly number[] => seeds.filter((_, i) => (i + 1) % size === thread);
      const asked = helpers.map((helper, i) => ({ helper, seeds: seedsOf(i + 1) })).filter((each) => each.seeds.length > 0);
      for (const each of asked) each.helper.port.postMessage({ ...task, seeds: each.seeds, ...(limit === undefined ? {} : limit.left()) } satisfies HelperTask);
      return () => {
        const own = finishes({ ...task, seeds: seedsOf(0), ...(limit === undefined ? {} : { limit }) });
        const answers = asked.map(({ helper }) => answerOf(helper));
        // Helpers' clocks ran from the same moment: what cut them short is over here too.
        if (answers.some(({ wasUp }) => wasUp)) limit?.isUp();
        const all = [own, ...answers.map((answer) => answer.finishes)];
        return seeds.flatMap((_, i) => all[(i + 1) % size]?.[Math.floor((i + 1) / size) - ((i + 1) % size === 0 ? 1 : 0)] ?? []);
      };
    },
  };
}

function answerOf({ port, answered }: Helper): HelperAnswer {
  const count = new Int32Array(answered);
  for (;;) {
    // Read before the look at the port: an answer that comes in between ends the sleep at once.
    const before = Atomics.load(count, 0);
    const received = receiveMessageOnPort(port) as { readonly message: HelperAnswer } | undefined;
    if (received !== undefined) return received.message;
    Atomics.wait(count, 0, before);
  }
}
