/** The real fence_ipmilan against the BMC of a lab host (OpenIPMI's ipmi_sim), whose power commands stop and start the host. */
import assert from "node:assert/strict";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { describe, it } from "node:test";
import { fenceStatus, powerOff, powerOn, type FenceDevice } from "../../../provider/apply/fence.js";
import { DroverError } from "../../../provider/base/error.js";
import { silentLog } from "../../../provider/base/log.js";
import { fenceDeviceOf } from "../../../lab/bmc.js";
import { silentDaemons } from "../../../lab/host.js";
import { findMachines } from "../../../lab/machine.js";
import { labStatus } from "../../../lab/status.js";
import { labUp } from "../../../lab/up.js";
import { useLab } from "../support/lab.js";

const lab = useLab({ own: true, hosts: 2 });
const device = async (host = "ash"): Promise<FenceDevice> => await fenceDeviceOf(lab.host(host).host);
const stateOf = async (host: string): Promise<string | undefined> => (await labStatus(lab.place)).hosts.find(({ name }) => name === host)?.state;

/** All processes in the process namespace of a host. */
async function processesOf(namespace: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^[0-9]+$/.test(entry));
  const found = await Promise.all(pids.map(async (pid) => ((await readlink(`/proc/${pid}/ns/pid`).catch(() => "")) === namespace ? [await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")] : [])));
  return found.flat().map((name) => name.trim());
}

async function namespaceOf(host: string): Promise<string> {
  const machine = (await findMachines(lab.place)).get(host);
  assert.ok(machine !== undefined);
  return readlink(`/proc/${machine.pid}/ns/pid`);
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(() => assert.fail("it is to be refused"), (thrown: unknown) => thrown);
  assert.ok(error instanceof DroverError, String(error));
  assert.ok(!error.message.includes((await device()).secrets?.["password"] ?? "?"), error.message);
  return error.message;
}

describe("a lab host with a BMC", () => {
  it("is on, and another's password is refused", async () => {
    const ash = await device();
    assert.equal(await fenceStatus("ash", ash), "on");
    assert.equal((await stat(lab.host("ash").host.bmc.passwordFile)).mode & 0o777, 0o600);
    await refusal(fenceStatus("ash", { ...ash, secrets: { password: "another" } }));
    assert.equal((await labStatus(lab.place)).state, "up");
  });

  it("is dead with all of its processes when its power was cut, and its neighbour lives", async () => {
    await lab.startTiny("ash", "guest");
    const namespace = await namespaceOf("ash");
    const before = await processesOf(namespace);
    assert.ok(before.some((name) => name.startsWith("qemu-system")) && before.includes("libvirtd"), before.join(" "));
    const proof = await powerOff("ash", [await device()], { retries: 0 });
    assert.deepEqual(await processesOf(namespace), [], "nothing of it runs at the moment of the proof");
    assert.deepEqual([proof.by, proof.device], ["fence_ipmilan", 0]);
    assert.equal(await stateOf("ash"), "down");
    assert.equal(await stateOf("birch"), "up");
    assert.equal(await fenceStatus("ash", await device()), "off");
    assert.equal((await powerOff("ash", [await device()], { retries: 0 })).by, "fence_ipmilan", "off twice is off");
  });

  it("is back when it has power again", async () => {
    await powerOn("ash", [await device()], { retries: 0 });
    assert.deepEqual(await silentDaemons(lab.place, lab.lab, lab.host("ash").host), []);
    assert.equal(await stateOf("ash"), "up");
    assert.equal((await lab.host("ash").virsh(["list", "--name"])).trim(), "", "its guest ended with it");
  });

  it("is said to be off when it died by itself", async () => {
    await lab.break("ash");
    assert.equal(await fenceStatus("ash", await device()), "off");
    await lab.heal("ash");
    assert.equal(await fenceStatus("ash", await device()), "on");
  });

  it("whose BMC is down can not be fenced", async () => {
    await lab.break("ash", { bmc: "down" });
    assert.equal(await stateOf("ash"), "BMC down");
    assert.match(await refusal(powerOff("ash", [{ ...await device(), timeoutSeconds: 3 }], { retries: 0 })), /could not cut the power on ash: .*\n {2}next: it may be on/);
    assert.ok(await lab.host("ash").isRunning());
    const proof = await powerOff("birch", [{ ...await device(), timeoutSeconds: 3 }, await device("birch")], { retries: 0 });
    assert.equal(proof.device, 1, "a second device is another way");
    assert.equal(await lab.host("birch").isRunning(), false);
    await labUp(lab.place, {}, silentLog);
    assert.equal((await labStatus(lab.place)).state, "up");
    assert.equal(await fenceStatus("ash", await device()), "on");
  });

  it("whose BMC acknowledges and does nothing is not taken for dead", async () => {
    await lab.break("ash", { bmc: "deaf" });
    assert.equal(await stateOf("ash"), "BMC deaf");
    const limited = await device();
    assert.match(await refusal(powerOff("ash", [{ ...limited, parameters: { ...limited.parameters, power_timeout: 2 } }], { retries: 0 })), /off failed: .*[Tt]imed out/);
    assert.ok(await lab.host("ash").isRunning());
    await lab.heal("ash");
    assert.equal(await stateOf("ash"), "up");
  });

  it("whose BMC lies is off by its word alone: whoever asks must look at the host too", async () => {
    await lab.break("ash", { bmc: "lying" });
    assert.equal(await stateOf("ash"), "BMC lying");
    assert.equal(await fenceStatus("ash", await device()), "on", "it lies when it was told something");
    assert.equal((await powerOff("ash", [await device()], { retries: 0 })).by, "fence_ipmilan");
    assert.ok(await lab.host("ash").isRunning());
    await lab.heal("ash");
    assert.equal(await fenceStatus("ash", await device()), "on");
  });
});
