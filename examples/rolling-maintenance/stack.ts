import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ConfigMap, Stack } from "@pulumi/pulumi/automation/index.js";

/** A host as the stack's state has it. */
export interface StackHost {
  readonly name: string;
  readonly uri: string;
  readonly urn: string;
}

/** What comes next for a host; each is written down before it is begun. */
export type Step = "empty" | "command" | "wait" | "return";

/** How far a round is. It stands in the stack's config, so that any run from any machine that has that config goes on from there. */
export interface Progress {
  readonly host?: string;
  readonly step?: Step;
  /** Hosts that were maintained and are back. */
  readonly done: readonly string[];
}

const PROGRESS = "rollingMaintenance";
const MAINTENANCE = "maintenance";

/** The stack whose hosts are maintained. */
export class RollingStack {
  readonly #stack: Stack;
  /** What `pulumi config` puts before the names of the project's own settings. */
  readonly #prefix: string;

  private constructor(stack: Stack, project: string) {
    this.#stack = stack;
    this.#prefix = `${project}:`;
  }

  static async of(stack: Stack): Promise<RollingStack> {
    return new RollingStack(stack, (await stack.workspace.projectSettings()).name);
  }

  /** In the order of their names: that of the state is an accident. */
  async hosts(): Promise<StackHost[]> {
    const { deployment } = await this.#stack.exportStack() as { readonly deployment?: { readonly resources?: readonly StateResource[] } };
    return (deployment?.resources ?? []).filter(({ type }) => type.endsWith("/drover:Host"))
      .map(({ urn, inputs }) => ({ urn, name: urn.slice(urn.lastIndexOf("::") + 2), uri: inputs?.uri ?? "" }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async progress(): Promise<Progress> {
    return { done: [], ...await this.#setting<Partial<Progress>>(PROGRESS) };
  }

  /** Names of the hosts that the program keeps empty. */
  async maintained(): Promise<readonly string[]> {
    return await this.#setting<string[]>(MAINTENANCE) ?? [];
  }

  /** Writes what comes next for a host, and, before it is emptied, that it carries no guests. */
  async begin(host: string, step: Step): Promise<void> {
    const settings: ConfigMap = { [`${PROGRESS}.host`]: { value: host }, [`${PROGRESS}.step`]: { value: step } };
    const maintained = step === "empty" || step === "return" ? await this.maintained() : [];
    // One write for both: a run that is killed leaves both or none.
    if (step === "empty" && !maintained.includes(host)) settings[`${MAINTENANCE}[${maintained.length}]`] = { value: host };
    await this.#stack.setAllConfig(settings, true);
    if (step === "return" && maintained.includes(host)) await this.#stack.removeConfig(`${MAINTENANCE}[${maintained.indexOf(host)}]`, true);
  }

  async finish(host: string): Promise<void> {
    const { done } = await this.progress();
    await this.#stack.setAllConfig({ [`${PROGRESS}.done[${done.length}]`]: { value: host } }, true);
  }

  /** All are done: nothing of the round stays in the config. */
  async forget(): Promise<void> {
    await this.#stack.removeConfig(PROGRESS);
    if ((await this.maintained()).length === 0) await this.#stack.removeConfig(MAINTENANCE);
  }

  /** How many resources differ from the program. */
  async pending(): Promise<number> {
    const { changeSummary } = await this.#stack.preview();
    return Object.entries(changeSummary).reduce((sum, [kind, count]) => sum + (kind === "same" ? 0 : count), 0);
  }

  /** Shows what the config asks for, and carries out just that. */
  async up(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "rolling-maintenance-"));
    const plan = join(folder, "plan.json");
    try {
      await this.#stack.preview({ plan, onOutput: show });
      await this.#stack.up({ plan, onOutput: show });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Does the host answer? It is read as a refresh reads it, so that the state knows at once what is new there. */
  async answers({ urn }: StackHost): Promise<{ readonly error?: string }> {
    try {
      await this.#stack.refresh({ target: [urn] });
      return {};
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  async #setting<T>(name: string): Promise<T | undefined> {
    const settings = await this.#stack.getAllConfig();
    const value = settings[`${this.#prefix}${name}`]?.value;
    return value === undefined ? undefined : JSON.parse(value) as T;
  }
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: { readonly uri?: string };
}

function show(text: string): void {
  process.stdout.write(text);
}
