import type { Labels, Selection } from "./model.js";

/** What can be selected: by its name, or by its labels. */
interface Selectable {
  readonly name: string;
  readonly labels?: Labels;
}

/**
 * Selections among the things of one list, looked up instead of searched for: rules are thousands, and VMs are more.
 *
 * @example new Selections(hosts).namesOf({ labels: { rack: "a" } })
 */
export class Selections {
  readonly #things: readonly Selectable[];
  readonly #byName = new Map<string, number>();
  /** For each label that was asked for: indexes by value. */
  readonly #byLabel = new Map<string, ReadonlyMap<string, readonly number[]>>();

  /** @param things must not change afterwards */
  constructor(things: readonly Selectable[]) {
    this.#things = things;
    for (let index = 0; index < things.length; index += 1) this.#byName.set(things[index]?.name ?? "", index);
  }

  /** Do several things have one name? */
  get hasTwins(): boolean {
    return this.#byName.size < this.#things.length;
  }

  /** Where in the list the thing of this name is, the last one where several have it. */
  indexOf(name: string): number | undefined {
    return this.#byName.get(name);
  }

  /** Is there anything of this name? */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Does any thing have this label? */
  hasLabel(key: string): boolean {
    return this.#valuesOf(key).size > 0;
  }

  /** Names of those that are selected, in the order of the list; names that nothing has are left out. */
  namesOf(selection: Selection): string[] {
    return this.indexesOf(selection).map((index) => this.#things[index]?.name ?? "");
  }

  /** The same as indexes in the list. */
  indexesOf(selection: Selection): readonly number[] {
    if (!("labels" in selection)) {
      const found: number[] = [];
      let isInOrder = true;
      for (const name of selection) {
        const index = this.#byName.get(name);
        if (index === undefined) continue;
        isInOrder &&= (found[found.length - 1] ?? -1) < index;
        found.push(index);
      }
      return isInOrder ? found : [...new Set(found)].sort((a, b) => a - b);
    }
    const wanted = Object.entries(selection.labels);
    let fewest: readonly number[] | undefined;
    for (const [key, value] of wanted) {
      const having = this.#valuesOf(key).get(value) ?? NONE;
      if (fewest === undefined || having.length < fewest.length) fewest = having;
    }
    if (fewest === undefined) return [...this.#things.keys()];
    return wanted.length === 1 ? fewest : fewest.filter((index) => wanted.every(([key, value]) => this.#things[index]?.labels?.[key] === value));
  }

  #valuesOf(key: string): ReadonlyMap<string, readonly number[]> {
    const known = this.#byLabel.get(key);
    if (known !== undefined) return known;
    const values = new Map<string, number[]>();
    for (const [index, { labels }] of this.#things.entries()) {
      const value = labels?.[key];
      if (value === undefined) continue;
      const having = values.get(value);
      if (having === undefined) values.set(value, [index]);
      else having.push(index);
    }
    this.#byLabel.set(key, values);
    return values;
  }
}

const NONE: readonly number[] = [];
