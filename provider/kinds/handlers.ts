import type { LoadHandler } from "../engine/dynamic.js";

/** The handler of each kind, loaded when it is first needed. A new kind is one line here, one in `index.ts` and one file. */
export const handlers: Readonly<Record<string, LoadHandler>> = {
  HostNetwork: async () => (await import("./host-network.js")).handler,
  HostStoragePool: async () => (await import("./host-storage-pool.js")).handler,
  Image: async () => (await import("./image.js")).handler,
  VirtualMachine: async () => (await import("./virtual-machine.js")).handler,
  Disk: async () => (await import("./disk.js")).handler,
  Placement: async () => (await import("./placement.js")).handler,
  Host: async () => (await import("./host.js")).handler,
};
