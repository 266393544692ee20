import assert from "node:assert/strict";
import type { Properties } from "../../../provider/engine/wire.js";
import { ProviderProcess, resource } from "../../support/provider-process.js";

/** A resource of a program whose provider process is killed. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
}

/**
 * Runs `work` in a provider process that is killed as soon as `moment`, which begins with the work, is over.
 * @param prepare what comes before: the process has loaded everything, so that the kill does not meet it while it loads
 */
export async function killedAt<T>(moment: () => Promise<unknown>, prepare: (process: ProviderProcess) => Promise<T>, work: (process: ProviderProcess, prepared: T) => Promise<unknown>): Promise<void> {
  const process = await ProviderProcess.start();
  try {
    const prepared = await prepare(process);
    // Whether it was quicker than the kill is the point of many points.
    const working = work(process, prepared).then(() => {}, () => {});
    await moment();
    await process.kill();
    await working;
  } finally {
    await process.kill();
  }
}

/** A run that nobody disturbs. */
export async function inNewProcess<T>(work: (process: ProviderProcess) => Promise<T>): Promise<T> {
  const process = await ProviderProcess.start();
  try {
    return await work(process);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${process.output}`, { cause: error });
  } finally {
    await process.stop();
  }
}

/** The inputs as check fills them. */
export async function checked(process: ProviderProcess, olds: Properties, { kind, name }: Subject, inputs: object): Promise<Properties> {
  const { inputs: filled, failures } = await process.check(olds, resource(kind, name, inputs));
  assert.deepEqual(failures, []);
  return filled;
}

/** Every volume has its sidecar and every sidecar its volume. */
export function assertPaired(files: readonly string[]): void {
  const sidecars = files.filter((file) => file.endsWith(".drover"));
  const volumes = files.filter((file) => !file.endsWith(".drover"));
  for (const volume of volumes) assert.equal(sidecars.filter((file) => file.startsWith(`${volume}.`)).length, 1, `sidecars of ${volume} among ${files.join(", ")}`);
  assert.equal(sidecars.length, volumes.length, files.join(", "));
}
