import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN } from "../../../provider/engine/handler.js";
import { validateInputs } from "../../../provider/schema/index.js";

const host = { name: "ash", uri: "qemu+ssh://ash/system", owner: "o" };
const check = (inputs: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(validateInputs("VirtualMachine", inputs, UNKNOWN).map(({ property, reason }) => [property, reason]));

test("all errors of a resource come at once, with their paths and the nearest known name", () => {
  const failures = check({ vcpu: 2, vcpus: "two", memory: "4 gb", firmware: "uefi", disks: { root: { sise: "1 GiB", size: "-1 GiB", format: "vmdk" } }, nics: { lan: { mac: "x" } } });
  assert.match(failures["vcpu"] ?? "", /no such property \(did you mean "vcpus"\?\)/);
  assert.match(failures["vcpus"] ?? "", /expected a whole number, got "two"/);
  assert.match(failures["memory"] ?? "", /unknown unit "gb"/);
  assert.match(failures["firmware"] ?? "", /one of bios, efi, got "uefi" \(did you mean "efi"\?\)/);
  assert.match(failures["disks.root.sise"] ?? "", /did you mean "size"/);
  assert.match(failures["disks.root.size"] ?? "", /negative/);
  assert.match(failures["disks.root.format"] ?? "", /one of qcow2, raw/);
  assert.match(failures["nics.lan.mac"] ?? "", /form/);
  assert.match(failures["host"] ?? "", /missing/);
});

test("defaults are filled in at every depth and sizes get their one text", () => {
  const inputs: Record<string, unknown> = { host, memory: "4096 MiB", disks: { root: { size: 1073741824 } } };
  assert.deepEqual(check(inputs), {});
  assert.equal(inputs["memory"], "4 GiB");
  assert.equal(inputs["running"], true);
  const root = (inputs["disks"] as Record<string, Record<string, unknown>>)["root"] ?? {};
  assert.deepEqual([root["size"], root["bus"], root["onDestroy"]], ["1 GiB", "virtio", "delete"]);
});

test("what is not known yet fits everywhere", () => {
  assert.deepEqual(check({ host: UNKNOWN, vcpus: UNKNOWN, memory: UNKNOWN, firmware: UNKNOWN, disks: { root: { size: UNKNOWN, image: UNKNOWN } }, nics: UNKNOWN }), {});
});
