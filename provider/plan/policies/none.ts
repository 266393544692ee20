import type { PolicyKind } from "./policy.js";

/** No balancing: a VM is placed where most is free, and stays. */
export const none: PolicyKind = {
  name: "none",
  parameters: {},
  placement: () => ({ order: "spread", most: 1 }),
  terms: () => [],
  balance() {
    // It asks for nothing.
  },
};
