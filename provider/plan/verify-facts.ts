import type { Violation } from "./model.js";
import { isBeyondUs, View } from "./view.js";

/**
 * Rules that are broken whatever anybody plans: by VMs alone that stay where they are (what others made, and what is on hosts of
 * which nothing is known), all other VMs being nowhere. They are told, and forbid nothing; what is broken beyond them is no fact.
 */
export class Facts {
  readonly #scene: View;
  #counts: ReadonlyMap<string, number> | undefined;

  /** @param scene an inventory as it is before the plan */
  constructor(scene: View) {
    this.#scene = scene;
  }

  /** Those violations of hard rules that are no facts: of another host or a host that is fuller, or more of them. */
  beyond(violations: readonly Violation[]): Violation[] {
    const hard = violations.filter((violation) => violation.hard);
    if (hard.length === 0) return hard;
    const left = new Map((this.#counts ??= this.#found()));
    return hard.filter((violation) => {
      const count = left.get(keyOf(violation)) ?? 0;
      left.set(keyOf(violation), count - 1);
      return count <= 0;
    });
  }

  #found(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const { rules, vms } = this.#scene;
    const fixed = vms.filter((vm) => isBeyondUs(vm, this.#scene.host(this.#scene.hostOf(vm.name) ?? "")?.state));
    if (fixed.length === 0) return counts;
    const view = new View(this.#scene, vms, Object.fromEntries(fixed.map(({ name }) => [name, this.#scene.placeOf(name)])), rules);
    for (const { kind, spec, name } of rules) {
      // Nobody restarts what others made, and a host of which nothing is known is not lost.
      if (spec.hard === false || kind.kind === "survive") continue;
      for (const finding of kind.check(spec, view)) {
        const key = keyOf({ rule: name, ...finding });
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    return counts;
  }
}

/** What is said of a host's room says how full it is, and counts only as long as it is no fuller. */
function keyOf({ rule, hosts, text }: Pick<Violation, "rule" | "hosts" | "text">): string {
  return JSON.stringify([rule, hosts, rule === "capacity" ? text : ""]);
}
