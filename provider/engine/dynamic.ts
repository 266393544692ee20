import type * as pulumi from "@pulumi/pulumi";
import { inputNames, outputNames, validateInputs } from "../schema/index.js";
import { answering, cancelled } from "./cancellation.js";
import { differenceOf } from "./difference.js";
import { engineLog, logged } from "./engine-log.js";
import { PartialFailure, UNKNOWN, type CheckFailure, type Context, type Handler, type State } from "./handler.js";
import { partialFailure, WireError } from "./wire-error.js";
import { KEY_PROPERTY, NAME_PROPERTY, OUTPUTS_VERSION, PROVIDER_PROPERTY, toProps, VERSION_PROPERTY, type Properties } from "./wire.js";

/** Any kind's handler as the adapter holds it: what it gets was validated against the kind's own schema. */
export type AnyHandler = Handler<object, object>;

/** Loads a kind's handler when it is first needed, so that an idle provider process stays small. */
export type LoadHandler = () => Promise<AnyHandler>;

/**
 * Pulumi's dynamic provider for one kind: translates between Pulumi's wire and {@link Handler}.
 *
 * Traps of the wire that end here: `configure` races with the first calls (there is nothing to configure, for a handler
 * needs only its state, environment and files); results that cannot be serialized; a plain throw from create, which
 * saves nothing; a `read` without inputs, which hides drift; hidden properties; what an error carries beside its text
 * ({@link WireError}); the interrupt at the end of each run ({@link answering}).
 */
export function dynamicProvider(kind: string, load: LoadHandler): pulumi.dynamic.ResourceProvider {
  let loading: Promise<AnyHandler> | undefined;
  const handler = (): Promise<AnyHandler> => (loading ??= load());

  return {
    check: (olds: Properties, news: Properties) => answered(news, async (hidden) => {
      const inputs = ownProperties(news);
      const failures: CheckFailure[] = validateInputs(kind, inputs, UNKNOWN);
      const kindHandler = await handler();
      if (kindHandler.check === undefined || failures.length > 0) return { inputs: { ...inputs, ...hidden }, failures: failures.map(withoutValue) };
      const old = Object.keys(olds).length === 0 ? undefined : ownProperties(olds);
      const result = await kindHandler.check(contextOf(hidden), { olds: old, news: inputs, name: identityOf(hidden).name });
      return { inputs: { ...toProps(result.inputs), ...hidden }, failures: (result.failures ?? []).map(withoutValue) };
    }),

    diff: (id: string, olds: Properties, news: Properties) => answered(news, async (hidden) => {
      const inputs = ownProperties(news);
      const state = stateOf(kind, olds);
      const standard = differenceOf(kind, state.inputs, inputs);
      const kindHandler = await handler();
      const difference = kindHandler.diff === undefined ? standard : await kindHandler.diff(contextOf(hidden), { id, olds: state, news: inputs, standard });
      const rekeyed = kindHandler.rekey !== undefined && isRenamed(olds, hidden);
      return { ...difference, changes: difference.changes || rekeyed, replaces: [...(difference.replaces ?? [])] };
    }),

    create: (props: Properties) => answered(props, async (hidden) => {
      const inputs = ownProperties(props);
      const made = await keepingPart(props, hidden, async () =>
        await (await handler()).create(contextOf(hidden), { inputs, ...identityOf(hidden) }));
      return { id: made.id, outs: join(inputs, made.outputs, hidden) };
    }),

    read: (id: string, props: Properties) => answered(props, async (hidden) => {
      const state = stateOf(kind, props);
      const found = await (await handler()).read(contextOf(hidden), { id, olds: state, ...identityOf(hidden) });
      // An empty id is how Pulumi is told that the resource is gone.
      if (found === undefined) return { id: "", props: {} };
      return { id: found.id, props: join(found.inputs, found.outputs, hidden), inputs: { ...toProps(found.inputs), ...hidden } };
    }),

    update: (id: string, olds: Properties, news: Properties) => answered(news, async (now) => {
      const inputs = ownProperties(news);
      // What it was made as is its key, whatever the resource is called today: what is in the world carries that.
      const hidden = { ...now, [KEY_PROPERTY]: olds[KEY_PROPERTY] ?? now[KEY_PROPERTY] };
      const kindHandler = await handler();
      const outputs = await keepingPart(news, hidden, () =>
        kindHandler.update(contextOf(hidden), { id, olds: stateOf(kind, olds), news: inputs, ...identityOf(hidden) }));
      if (kindHandler.rekey === undefined || !isRenamed(olds, now)) return { outs: join(inputs, outputs, hidden) };
      await kindHandler.rekey(contextOf(hidden), { id, news: inputs, outputs, key: identityOf(hidden).key, newKey: identityOf(now).key });
      return { outs: join(inputs, outputs, now) };
    }),

    delete: (id: string, props: Properties) => answered(props, async (hidden) => {
      await (await handler()).delete(contextOf(hidden), { id, olds: stateOf(kind, props), ...identityOf(hidden) });
    }),
  };
}

/** Runs one method with our hidden properties; whatever it throws crosses the wire as its text. */
function answered<T>(props: Properties, method: (hidden: Properties) => Promise<T>): Promise<T> {
  const hidden = hiddenProperties(props);
  return answering(async () => {
    try {
      return await method(hidden);
    } catch (error) {
      throw error instanceof WireError ? error : new WireError(identityOf(hidden).name, error);
    } finally {
      await logged();
    }
  });
}

/** Runs a create or update; a {@link PartialFailure} becomes the error by which Pulumi keeps id and properties. */
async function keepingPart<T>(props: Properties, hidden: Properties, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    const existing = error.existing as PartialFailure<object>["existing"];
    throw partialFailure(identityOf(hidden).name, error, {
      id: existing.id,
      properties: { ...join(ownProperties(props), existing.outputs, hidden), [PROVIDER_PROPERTY]: props[PROVIDER_PROPERTY] },
      reasons: [error.message],
    });
  }
}

/** The engine prints the value of each property that a failure names, secrets that are in the wrong place too: so none is named to it. */
function withoutValue({ property, reason }: CheckFailure): CheckFailure {
  return { property: "", reason: property === "" ? reason : `${property}: ${reason}` };
}

/** Whether the program gives another key than the state has, by an alias. */
function isRenamed(olds: Properties, hidden: Properties): boolean {
  return olds[KEY_PROPERTY] !== undefined && hidden[KEY_PROPERTY] !== undefined && olds[KEY_PROPERTY] !== hidden[KEY_PROPERTY];
}

/** The resource's own properties, without hidden ones. */
function ownProperties(props: Properties): Properties {
  return Object.fromEntries(Object.entries(props).filter(([name]) => !name.startsWith("__")));
}

/** Our hidden properties. `__provider` is the SDK's to carry. */
function hiddenProperties(props: Properties): Properties {
  return Object.fromEntries(Object.entries(props).filter(([name]) => name === NAME_PROPERTY || name === KEY_PROPERTY));
}

function stateOf(kind: string, props: Properties): State<Properties, Properties> {
  const version = props[VERSION_PROPERTY] ?? OUTPUTS_VERSION;
  if (version !== OUTPUTS_VERSION) {
    throw new Error(`the state holds version ${JSON.stringify(version)} of ${kind}, this package knows ${OUTPUTS_VERSION}: use the version of drover that wrote it, or a newer one`);
  }
  return { inputs: picked(props, inputNames(kind)), outputs: picked(props, outputNames(kind)) };
}

function picked(props: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(names.filter((name) => props[name] !== undefined && props[name] !== null).map((name) => [name, props[name]]));
}

function join(inputs: object, outputs: object, hidden: Properties): Properties {
  return { ...toProps(outputs), ...toProps(inputs), ...hidden, [VERSION_PROPERTY]: OUTPUTS_VERSION };
}

function identityOf(hidden: Properties): { name: string; key: string } {
  return { name: String(hidden[NAME_PROPERTY]), key: String(hidden[KEY_PROPERTY]) };
}

function contextOf(hidden: Properties): Context {
  return { log: engineLog(identityOf(hidden).name), signal: cancelled };
}
