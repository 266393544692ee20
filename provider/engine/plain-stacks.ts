import process from "node:process";

/**
 * Until the returned function is called, stack traces are not looked up in source maps, except those without a limit.
 *
 * Pulumi's SDK takes a trace for each promise behind each property of a resource (four a property), for its report of
 * promises that never settle, and ts-node's source maps made that three quarters of what registering a virtual machine cost
 * (26 of 35 ms). The one trace without a limit is what tells where the resource stands in the program, and the state keeps
 * it: that one is mapped, without the frames of `ownFile` (the SDK passes over one class above its own and no more) and
 * without those below the program, which are Node's and the SDK's.
 */
export function plainStacks(ownFile: string): () => void {
  const mapped: unknown = Reflect.get(Error, "prepareStackTrace");
  if (typeof mapped !== "function") return () => {};
  Error.prepareStackTrace = (error, sites): unknown => {
    if (Error.stackTraceLimit !== Infinity) return String(error);
    const above = sites.filter((site) => site.getFileName() !== ownFile);
    const end = above.findIndex((site) => site.getFileName()?.startsWith("node:") === true);
    return Reflect.apply(mapped, Error, [error, end === -1 ? above : above.slice(0, end)]);
  };
  return () => { Reflect.set(Error, "prepareStackTrace", mapped); };
}

/** Where the SDK takes a trace of each promise, which it shows with `PULUMI_DEBUG_PROMISE_LEAKS` and never without. */
const LEAK_TRACES = /[\\/]@pulumi[\\/]pulumi[\\/]runtime[\\/]debuggable\.js$/;
let isForgetting = false;

/**
 * From now on the traces that nobody sees are not looked up in source maps: the SDK takes them while it registers what was declared,
 * long after that, some fifteen for a virtual machine at a third of a millisecond each. All other traces are as they were.
 */
export function forgetLeakTraces(): void {
  if (isForgetting || process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined) return;
  isForgetting = true;
  const mapped: unknown = Reflect.get(Error, "prepareStackTrace");
  if (typeof mapped !== "function") return;
  Error.prepareStackTrace = (error, sites): unknown =>
    (LEAK_TRACES.test(sites[0]?.getFileName() ?? "") ? String(error) : Reflect.apply(mapped, Error, [error, sites]));
}
