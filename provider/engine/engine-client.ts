import { createRequire } from "node:module";
import process from "node:process";
import type * as Grpc from "@grpc/grpc-js";
import type Services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type Messages from "@pulumi/pulumi/proto/engine_pb.js";

export type Level = "info" | "warning" | "error";

/** Pulumi's engine as a provider reaches it. */
export interface Engine {
  /** Hands it a line to show. */
  readonly log: (level: Level, message: string, urn: string) => Promise<void>;
  /** Calls back once when the engine, which was there, is there no more. */
  whenGone(callback: () => void): void;
}

/** The engine is on this machine: one that takes longer is not there any more. */
const PATIENCE_MS = 2_000;

/**
 * The engine of the process that Pulumi started for dynamic providers; nobody elsewhere. The SDK gives a dynamic provider no client
 * of the engine, but its program has the engine's address: so the client that the SDK brings is used with that.
 */
export const engine = connect();

function connect(): Engine | undefined {
  const program = createRequire(import.meta.url).main?.filename;
  const address = process.argv[2];
  if (program === undefined || address === undefined || !/[\\/]cmd[\\/]dynamic-provider[\\/]index\.js$/.test(program)) return undefined;
  try {
    // The SDK's own copies, which are loaded already.
    const load = createRequire(program);
    const { connectivityState, credentials, Metadata } = load("@grpc/grpc-js") as typeof Grpc;
    const { EngineClient } = load("../../proto/engine_grpc_pb.js") as typeof Services;
    const { LogRequest, LogSeverity } = load("../../proto/engine_pb.js") as typeof Messages;
    const client = new EngineClient(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
    return {
      log: (level, message, urn) => new Promise((resolve, reject) => {
        const request = new LogRequest();
        // A resource with an error among its lines is shown as failed, while the run succeeds; what fails throws.
        request.setSeverity(level === "info" ? LogSeverity.INFO : LogSeverity.WARNING);
        request.setMessage(message);
        request.setUrn(urn);
        client.log(request, new Metadata(), { deadline: Date.now() + PATIENCE_MS }, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      }),
      whenGone(callback) {
        const channel = client.getChannel();
        let wasThere = false;
        const look = (): void => {
          const state = channel.getConnectivityState(true);
          if (state === connectivityState.READY) wasThere = true;
          if (state === connectivityState.SHUTDOWN) return;
          if (state === connectivityState.TRANSIENT_FAILURE && wasThere) callback();
          else channel.watchConnectivityState(state, Infinity, look);
        };
        look();
      },
    };
  } catch {
    // Another SDK keeps them elsewhere: it is done without.
    return undefined;
  }
}
