import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";

/**
 * What the engine asks of this process, as its gRPC server sees it: the SDK's program keeps `Cancel` and each resource's URN
 * from its dynamic providers. That server is loaded before us, so the calls that are answered while this file is loaded are
 * not seen; and where it looks different one day, nothing is seen, and all else works.
 */

/** As grpc-js has it: what answers the calls of one path. */
interface CallHandler {
  readonly type: string;
  readonly func: (call: { readonly request?: { readonly getUrn?: () => string } }, ...rest: readonly unknown[]) => void;
}
interface Server {
  _retrieveHandler?: (path: string) => CallHandler | null;
}

const urns = new AsyncLocalStorage<string>();
const listeners = new Map<string, () => void>();

/** URN of the resource whose call is being answered; undefined where it is not known. */
export function urnOfCall(): string | undefined {
  return urns.getStore();
}

/** Calls the listener whenever the engine makes this call. */
export function onEngineCall(path: string, listener: () => void): void {
  listeners.set(path, listener);
}

const { cache } = createRequire(import.meta.url);
for (const [file, loaded] of Object.entries(cache)) {
  if (loaded !== undefined && /[\\/]@grpc[\\/]grpc-js[\\/]build[\\/]src[\\/]server\.js$/.test(file)) listen((loaded.exports as { Server?: { prototype: Server } }).Server);
}

/** The server looks up what answers a call by its path. */
function listen(server: { prototype: Server } | undefined): void {
  const lookUp = server?.prototype._retrieveHandler;
  if (server === undefined || lookUp === undefined) return;
  server.prototype._retrieveHandler = function (path) {
    listeners.get(path)?.();
    const handler = lookUp.call(this, path);
    if (handler?.type !== "unary") return handler;
    return { ...handler, func: (call, ...rest) => {
      const urn = call.request?.getUrn?.();
      if (urn === undefined) handler.func(call, ...rest);
      else urns.run(urn, () => { handler.func(call, ...rest); });
    } };
  };
}
