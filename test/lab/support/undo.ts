/**
 * What a test file has to undo, the last first. Where its set-up fails half-way, only that is undone which was done, and the cause is what
 * is told.
 * @example
 * const undo = new Undo();
 * before(async () => {
 *   undo.later(() => lab.stop());
 *   await lab.start({ own: true });
 * });
 * after(() => undo.all());
 */
export class Undo {
  readonly #steps: (() => Promise<unknown>)[] = [];

  later(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** All of it, whatever fails. @throws what failed first */
  async all(): Promise<void> {
    const failed: unknown[] = [];
    for (const step of this.#steps.splice(0).reverse()) await step().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed.length === 1 ? failed[0] : new AggregateError(failed, failed.map(String).join("\n"));
  }
}
