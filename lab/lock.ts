import { createServer } from "node:net";
import { systemClock } from "../provider/base/clock.js";

/**
 * Runs a task while no other process on this machine runs one under the same name; waits for its turn.
 * The lock is an abstract socket: the kernel lets go of it when the process ends, however it ends.
 */
export async function withLock<T>(name: string, task: () => Promise<T>): Promise<T> {
  const server = createServer();
  while (!await listen(server, `\0drover-lab/${name}`)) await systemClock.sleep(50);
  try {
    return await task();
  } finally {
    await new Promise((resolve) => { server.close(resolve); });
  }
}

function listen(server: ReturnType<typeof createServer>, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      // Whoever waits for long tries often.
      server.off("listening", onListening);
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    };
    const onListening = (): void => {
      server.off("error", onError);
      resolve(true);
    };
    server.once("error", onError).once("listening", onListening).listen({ path });
  });
}
