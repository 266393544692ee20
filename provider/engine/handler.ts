import type { Log } from "../base/log.js";

/** What a handler gets beside its resource, the same in each method. */
export interface Context {
  /** Lines for the operator: Pulumi shows them under the resource. An error is shown as a warning, for what fails throws. */
  readonly log: Log;
  /**
   * Aborted when the operator presses Ctrl-C: finish or undo what is half-done, then throw its reason. The engine waits for
   * that, however long it takes, and keeps the outcome; at a second Ctrl-C it waits no more than five seconds and keeps nothing.
   */
  readonly signal: AbortSignal;
}

/** One property that a check refuses. */
export interface CheckFailure {
  /** Path of the property: `disks.root.size`. */
  readonly property: string;
  /** What was expected, and what came. */
  readonly reason: string;
}

export interface CheckResult<Inputs> {
  readonly inputs: Inputs;
  readonly failures?: readonly CheckFailure[];
}

/** What changes between the state and the program. Nothing of it replaces unless `replaces` names properties. */
export interface Difference {
  readonly changes: boolean;
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}

/** What exists: its id, what it is in the world. */
export interface Existing<Outputs> {
  readonly id: string;
  readonly outputs: Outputs;
}

/**
 * The life of one kind of resource, over plain values. The adapter has validated inputs against the schema, filled
 * defaults and brought sizes to one form before any method sees them; `__provider`, unknowns' wire form and secrets' wire
 * form never reach a handler, but in a preview an input may be {@link UNKNOWN}.
 */
export interface Handler<Inputs extends object, Outputs extends object> {
  /**
   * What the schema can not say of the inputs. Asks no host: the engine checks one resource after another.
   * @param olds the inputs of the state; absent for a new resource
   */
  check?(ctx: Context, request: { readonly olds: Inputs | undefined; readonly news: Inputs; readonly name: string }): Promise<CheckResult<Inputs>> | CheckResult<Inputs>;

  /** Default: any difference of inputs is a change, and what the schema marks as replacing replaces. */
  diff?(ctx: Context, request: { readonly id: string; readonly olds: State<Inputs, Outputs>; readonly news: Inputs; readonly standard: Difference }): Promise<Difference> | Difference;

  /**
   * Makes it, or finds the half-made object of an earlier try and finishes it.
   * @throws PartialFailure when something exists that is not yet as it shall be
   */
  create(ctx: Context, request: { readonly inputs: Inputs; readonly key: string; readonly name: string }): Promise<Existing<Outputs>>;

  /** What is in the world now (`name` and `key` are those of the last create or update); `undefined` only when it is known to be gone. Inputs as they would be declared today. */
  read(ctx: Context, request: { readonly id: string; readonly olds: State<Inputs, Outputs>; readonly name: string; readonly key: string }): Promise<(Existing<Outputs> & { readonly inputs: Inputs }) | undefined>;

  update(ctx: Context, request: { readonly id: string; readonly olds: State<Inputs, Outputs>; readonly news: Inputs; readonly name: string; readonly key: string }): Promise<Outputs>;

  delete(ctx: Context, request: { readonly id: string; readonly olds: State<Inputs, Outputs>; readonly name: string; readonly key: string }): Promise<void>;

  /**
   * Carries its marks in the world over to another key, after an update, when the program calls the resource something else
   * by an alias: or a new resource that takes the old name would find them and think that it had made all that. It may be
   * called again with the same keys. A kind without it stays under the key that it was made with.
   */
  rekey?(ctx: Context, request: { readonly id: string; readonly news: Inputs; readonly outputs: Outputs; readonly key: string; readonly newKey: string }): Promise<void>;
}

/** What the state holds of a resource. */
export interface State<Inputs, Outputs> {
  readonly inputs: Inputs;
  readonly outputs: Outputs;
}

/** The value of an input that is not known yet, in a preview (Pulumi's own sentinel). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * A create or update that made something and then failed: Pulumi keeps the id and the properties, and the next run updates.
 */
export class PartialFailure<Outputs extends object> extends Error {
  override readonly name = "PartialFailure";

  constructor(readonly existing: Existing<Outputs>, override readonly cause: Error) {
    super(cause.message, { cause });
  }
}
