import { createRequire } from "node:module";
import process from "node:process";
import type * as Grpc from "@grpc/grpc-js";
import type Services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type Messages from "@pulumi/pulumi/proto/engine_pb.js";
import type { Log } from "../base/log.js";
import { urnOfCall } from "./engine-calls.js";

type Level = "info" | "warning" | "error";
/** Hands a line to the engine. */
type Send = (level: Level, message: string, urn: string) => Promise<void>;

/**
 * A log whose lines Pulumi shows with their severity, under the resource. The SDK gives a dynamic provider no client of the
 * engine, but its program has the engine's address: so the client that the SDK brings is used with that. Where there is no
 * engine, or it does not take a line, the line goes to standard error, which Pulumi shows too, as text alone.
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

/** The engine is on this machine: one that takes longer is not there any more. */
const PATIENCE_MS = 2_000;

let last = Promise.resolve();
let send = connect();

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

/** The engine of the process that Pulumi started for dynamic providers; nobody elsewhere. */
function connect(): Send | undefined {
  const program = createRequire(import.meta.url).main?.filename;
  const address = process.argv[2];
  if (program === undefined || address === undefined || !/[\\/]cmd[\\/]dynamic-provider[\\/]index\.js$/.test(program)) return undefined;
  try {
    // The SDK's own copies, which are loaded already.
    const load = createRequire(program);
    const { credentials, Metadata } = load("@grpc/grpc-js") as typeof Grpc;
    const { EngineClient } = load("../../proto/engine_grpc_pb.js") as typeof Services;
    const { LogRequest, LogSeverity } = load("../../proto/engine_pb.js") as typeof Messages;
    const client = new EngineClient(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
    return (level, message, urn) => new Promise((resolve, reject) => {
      const request = new LogRequest();
      // A resource with an error among its lines is shown as failed, while the run succeeds; what fails throws.
      request.setSeverity(level === "info" ? LogSeverity.INFO : LogSeverity.WARNING);
      request.setMessage(message);
      request.setUrn(urn);
      client.log(request, new Metadata(), { deadline: Date.now() + PATIENCE_MS }, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  } catch {
    // Another SDK keeps them elsewhere: standard error is left.
    return undefined;
  }
}
