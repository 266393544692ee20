import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytes, formatBytes } from "../../../provider/base/bytes.js";
import { validateInputs } from "../../../provider/schema/index.js";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const host = { name: "ash", uri: "qemu:///system", owner: "o" };

function failuresOf(kind: string, inputs: Record<string, unknown>): string[] {
  return validateInputs(kind, inputs, UNKNOWN).map(({ property, reason }) => `${property}: ${reason}`);
}

function filled(kind: string, inputs: Record<string, unknown>): Record<string, unknown> {
  assert.deepEqual(failuresOf(kind, inputs), []);
  return inputs;
}

describe("a wrong input", () => {
  it("is told with all others of its resource, each with its path", () => {
    const found = failuresOf("VirtualMachine", { host, vcpu: 2, memory: "4 gb", disks: { root: { bus: "virtoi", size: -5 } }, nics: { lan: { mtu: 10, mac: "52:54" } } });
    assert.deepEqual(found.map((text) => text.slice(0, text.indexOf(":"))).sort(), ["disks.root.bus", "disks.root.size", "memory", "nics.lan.mac", "nics.lan.mtu", "vcpu"]);
  });

  it("that has an unknown name gets the nearest known one", () => {
    assert.match(failuresOf("VirtualMachine", { host, vcpu: 2 }).join(), /^vcpu: there is no such property \(did you mean "vcpus"\?\); known are host, /);
    assert.match(failuresOf("VirtualMachine", { host, disks: { root: { onDestory: "keep" } } }).join(), /^disks\.root\.onDestory: .*did you mean "onDestroy"\?/);
    assert.doesNotMatch(failuresOf("VirtualMachine", { host, somethingElseAltogether: 1 }).join(), /did you mean/);
  });

  it("that is none of the values gets them all, and the nearest", () => {
    assert.deepEqual(failuresOf("VirtualMachine", { host, disks: { root: { bus: "virtoi" } } }), ['disks.root.bus: expected one of virtio, scsi, sata, got "virtoi" (did you mean "virtio"?)']);
  });

  it("that is missing is told by what it is for", () => {
    assert.match(failuresOf("Host", {}).join(), /^uri: is missing: libvirt's connection URI: /);
  });

  it("of the wrong type is told in words", () => {
    assert.deepEqual(failuresOf("VirtualMachine", { host, vcpus: "two", running: 1, disks: [] }).sort(), [
      "disks: expected an object, got a list", "running: expected true or false, got 1", 'vcpus: expected a whole number, got "two"']);
    assert.deepEqual(failuresOf("VirtualMachine", { host, vcpus: 0 }), ["vcpus: expected a number >= 1, got 0"]);
  });

  it("never shows a secret, not even one in the wrong place", () => {
    const wrong = [
      failuresOf("Host", { uri: "qemu:///system", ssh: { password: 271828 } }),
      failuresOf("Host", { uri: "qemu:///system", ssh: "hunter2" }),
      failuresOf("VirtualMachine", { host, graphics: [{ password: "hunter2" }] }),
      failuresOf("VirtualMachine", { host, graphics: { type: { password: "hunter2" } } }),
      failuresOf("VirtualMachine", { host: ["hunter2"] }),
    ];
    for (const failures of wrong) {
      assert.equal(failures.length, 1);
      assert.doesNotMatch(failures.join(), /hunter2|271828/);
    }
  });
});

describe("a size", () => {
  it("is brought to its one text, however it is written", () => {
    for (const memory of ["4 GiB", "4GiB", "4096 MiB", 4 * 1024 ** 3]) assert.equal(filled("VirtualMachine", { host, memory })["memory"], "4 GiB");
    assert.equal(filled("VirtualMachine", { host, memory: "20GB" })["memory"], formatBytes(bytes(20e9)));
  });

  it("within a map is brought to its text too", () => {
    assert.deepEqual((filled("VirtualMachine", { host, disks: { data: { size: "1024 MiB" } } })["disks"] as { data: { size: string } }).data.size, "1 GiB");
  });

  it("that is none is refused in the words of the size parser", () => {
    assert.match(failuresOf("VirtualMachine", { host, memory: "4 gb" }).join(), /^memory: "4 gb" has the unknown unit "gb": units are GB \(did you mean that\?\)/);
    assert.match(failuresOf("VirtualMachine", { host, memory: "-1 GiB" }).join(), /^memory: "-1 GiB" is negative/);
    assert.match(failuresOf("VirtualMachine", { host, memory: -1 }).join(), /^memory: a size is a whole number of bytes/);
    assert.match(failuresOf("VirtualMachine", { host, memory: true }).join(), /^memory: expected text or a number, got true/);
  });

  it("of any whole number of bytes survives a second check unchanged", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (size) => {
      const once = filled("VirtualMachine", { host, memory: size })["memory"];
      assert.equal(filled("VirtualMachine", { host, memory: once })["memory"], once);
    }));
  });
});

describe("an input that is not known yet", () => {
  it("fits everywhere: as text, number, size, choice, object, map and in a map", () => {
    filled("VirtualMachine", { host: UNKNOWN, vcpus: UNKNOWN, memory: UNKNOWN, firmware: UNKNOWN, running: UNKNOWN, nics: UNKNOWN,
      disks: { root: UNKNOWN, data: { size: UNKNOWN, bus: UNKNOWN, bootOrder: UNKNOWN, image: UNKNOWN } }, cloudInit: UNKNOWN, graphics: { password: UNKNOWN } });
    filled("HostStoragePool", { host, owner: UNKNOWN, pool: "disks", path: UNKNOWN, peers: UNKNOWN });
  });

  it("hides no other error", () => {
    assert.deepEqual(failuresOf("VirtualMachine", { host: UNKNOWN, vcpus: 0 }), ["vcpus: expected a number >= 1, got 0"]);
  });
});

describe("an input that is not given", () => {
  it("gets its default, at any depth", () => {
    assert.equal(filled("Host", { uri: "qemu:///system" })["connectTimeoutSeconds"], 10);
    assert.deepEqual(filled("VirtualMachine", { host, nics: { lan: { bridge: "br0" } } })["nics"], { lan: { bridge: "br0", model: "virtio", link: "up" } });
  });

  it("may be null, but for what is within a value of any shape", () => {
    assert.deepEqual(filled("Host", { uri: "qemu:///system", ssh: { password: null }, connectTimeoutSeconds: null }), { uri: "qemu:///system", ssh: {}, connectTimeoutSeconds: 10 });
    assert.deepEqual((filled("VirtualMachine", { host, disks: { root: null }, nics: null, cloudInit: { userData: { users: null } } })), {
      ...filled("VirtualMachine", { host, disks: {} }), cloudInit: { userData: { users: null } } });
    assert.match(failuresOf("Host", { uri: null }).join(), /^uri: is missing/);
  });
});
