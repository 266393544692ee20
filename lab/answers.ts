import { connect } from "node:net";

/** Does somebody listen at a socket? */
export function answers(target: { path: string } | { host: string; port: number }, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target);
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => { finish(false); });
    socket.once("connect", () => { finish(true); });
    socket.once("error", () => { finish(false); });
  });
}
