import process from "node:process";
import type { Log } from "../base/log.js";
import { urnOfCall } from "./engine-calls.js";
import { engine, type Level } from "./engine-client.js";

/**
 * A log whose lines Pulumi shows with their severity, under the resource. Where there is no engine, or it does not
 * take a line, the line goes to standard error, which Pulumi shows too, as text alone.
 */
export function engineLog(resource: string): Log {
  const urn = urnOfCall();
  const write = (level: Level) => (message: string): void => {
    // One after another, or they would come in any order.
    last = last.then(() => deliver(level, resource, message, urn));
  };
  return { debug: () => {}, info: write("info"), warn: write("warning"), error: write("error") };
}

/** Settles when every line was delivered: an answer that came before could end the run. */
export function logged(): Promise<void> {
  return last;
}

let last = Promise.resolve();
let send = engine?.log;

async function deliver(level: Level, resource: string, message: string, urn: string | undefined): Promise<void> {
  const named = `${resource}: ${message}`;
  try {
    if (send !== undefined) {
      await send(level, urn === undefined ? named : message, urn ?? "");
      return;
    }
  } catch {
    // Once is enough: each line would wait as long.
    send = undefined;
  }
  process.stderr.write(`${level === "info" ? "" : `${level}: `}${named}\n`);
}
