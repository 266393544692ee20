import type { Inventory, LinkedPart, PlanVm, RuleSpec } from "./model.js";

/** What a part is called wherever VMs are named. */
export function partName(vm: string, part: string): string {
  return `${vm}/${part}`;
}

/** What messages call the rule that keeps a VM and its parts apart. */
export function partsRuleName(vm: string): string {
  return `parts of ${vm}`;
}

/**
 * The inventory with each linked part as a VM of its own, and a rule for each VM that keeps it and its parts apart at every
 * moment: what plans, schedules and judges needs to know nothing of parts. An inventory without parts is returned as it is.
 */
export function unlinked(inventory: Inventory): Inventory {
  if (!inventory.vms.some(({ linked }) => linked !== undefined)) return inventory;
  const rules = inventory.vms.flatMap(({ name, linked = [] }): RuleSpec[] => (
    linked.length === 0 ? [] : [{ kind: "separate", name: partsRuleName(name), vms: [name, ...linked.map((part) => partName(name, part.name))], continuous: true }]));
  return {
    ...inventory,
    vms: inventory.vms.flatMap(({ linked = [], ...vm }): PlanVm[] => [vm, ...linked.map((part) => asVm(vm, part))]),
    // Declared rules keep their places in the list, by which messages call them.
    rules: [...(inventory.rules ?? []), ...rules],
  };
}

function asVm({ name: owner, priority, managed }: PlanVm, { name, copyMib, ...part }: LinkedPart): PlanVm {
  return {
    ...part, name: partName(owner, name), memoryUsedMib: copyMib ?? part.demand["diskMib"] ?? part.demand["memoryMib"] ?? 0,
    ...(priority === undefined ? {} : { priority }), ...(managed === undefined ? {} : { managed }),
  };
}
