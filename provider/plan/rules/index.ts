import { affinity } from "./affinity.js";
import { ban } from "./ban.js";
import { capacity } from "./capacity.js";
import { cpu } from "./cpu.js";
import { exclusive } from "./exclusive.js";
import { fence } from "./fence.js";
import { gather } from "./gather.js";
import { online } from "./online.js";
import { pin } from "./pin.js";
import { quota } from "./quota.js";
import { reach } from "./reach.js";
import type { RuleKind } from "./rule.js";
import { separate } from "./separate.js";
import { spread } from "./spread.js";
import { state } from "./state.js";
import { survive } from "./survive.js";

/** A kind whose specs were validated against its own schema. */
type AnyRuleKind = RuleKind;

/** All kinds of rules: a new one is a new file and a line here. */
export const ruleKinds: readonly AnyRuleKind[] = [
  affinity, ban, capacity, cpu, exclusive, fence, gather, online, pin, quota, reach, separate, spread, state, survive,
];
