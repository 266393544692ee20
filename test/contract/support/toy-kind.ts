/** What stands for `drover/provider` in tests of the adapter: one kind whose `uri` says what its handler does. */
import { setTimeout as delay } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../../../provider/engine/dynamic.js";
import { PartialFailure, type Context, type Handler } from "../../../provider/engine/handler.js";

interface Inputs { readonly uri: string; readonly ssh?: { readonly password?: string }; readonly connectTimeoutSeconds: number }
type Outputs = Readonly<Record<string, unknown>>;

/** How long a step takes that takes no notice of Ctrl-C. */
const STUBBORN_MS = 3_000;

const deeds: Readonly<Record<string, (ctx: Context, isNew: boolean) => Promise<Outputs> | Outputs>> = {
  "toy:plain": () => ({ hostname: "toy" }),
  "toy:odd": () => ({ hostname: undefined, memory: 5n, libvirtVersion: new Date(0), cpu: new Map([["model", "toy"]]) }),
  "toy:nan": () => ({ hostname: "toy", cpu: { count: NaN } }),
  // Numbers that mean "not implemented" and "cancelled" where a gRPC status is read from them; ids that mean "it was made".
  "toy:fails": () => { throw Object.assign(new Error("the toy broke"), { code: 12, id: "not-an-id" }); },
  "toy:half": () => { throw new PartialFailure({ id: "toy-half", outputs: { hostname: "half" } }, new Error("the toy is half made")); },
  "toy:mistake": () => { throw new TypeError("undefined is not a toy"); },
  // Needs another run to be finished.
  "toy:half-at-first": (_ctx, isNew) => {
    if (isNew) throw new PartialFailure({ id: "toy-half", outputs: { hostname: "half" } }, new Error("the toy is half made"));
    return { hostname: "whole" };
  },
  "toy:says": ({ log }) => {
    log.info("it is told");
    log.warn("it is warned");
    log.error("it is an error");
    return { hostname: "toy" };
  },
  "toy:slow": async ({ signal }) => {
    await delay(60_000, undefined, { signal }).catch(() => undefined);
    // Undoing what is half-done takes a moment too.
    await delay(300);
    throw signal.reason;
  },
  // Steps that can not be cut short.
  "toy:stubborn": async (_ctx, isNew) => {
    if (isNew) await delay(STUBBORN_MS);
    return { hostname: "stubborn" };
  },
  "toy:endless": async (_ctx, isNew) => {
    if (isNew) await delay(120_000);
    return { hostname: "endless" };
  },
};

async function doAs(uri: string, ctx: Context, isNew: boolean): Promise<Outputs> {
  return await (deeds[uri]?.(ctx, isNew) ?? {});
}

const toy: Handler<Inputs, Outputs> = {
  check(_ctx, { news }) {
    const failures = news.uri === "toy:refused" ? [{ property: "uri", reason: "is refused" }] : [];
    return { inputs: news, failures };
  },

  async create(ctx, { inputs, name, key }) {
    ctx.log.info(`makes ${key}`);
    return { id: `id-of-${name}`, outputs: await doAs(inputs.uri, ctx, true) };
  },

  async read(ctx, { id, olds }) {
    if (olds.inputs.uri === "toy:gone") return undefined;
    if (olds.inputs.uri === "toy:silent") {
      // After the others of a refresh: an error ends it.
      await delay(1_000);
      throw new Error("the toy does not answer");
    }
    if (olds.inputs.uri === "toy:drifted") return { id, inputs: { ...olds.inputs, connectTimeoutSeconds: 99 }, outputs: olds.outputs };
    return { id, inputs: olds.inputs, outputs: { ...olds.outputs, ...(await doAs(olds.inputs.uri, ctx, false)) } };
  },

  async update(ctx, { olds, news, key }) {
    return { ...olds.outputs, ...(await doAs(news.uri, ctx, false)), libvirtVersion: key };
  },

  async delete(ctx, { olds }) {
    await doAs(olds.inputs.uri, ctx, false);
  },
};

const providers = new Map<string, pulumi.dynamic.ResourceProvider>();

export function provide(kind: string): pulumi.dynamic.ResourceProvider {
  const provider = providers.get(kind) ?? dynamicProvider(kind, () => Promise.resolve(toy as Handler<object, object>));
  providers.set(kind, provider);
  return provider;
}
