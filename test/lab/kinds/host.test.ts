import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { CheckFailed, kind } from "../support/kinds.js";
import { eventually } from "../support/lab.js";
import { forget, useStorage } from "./storage.js";

const site = useStorage({ own: true, hosts: 2 });
const hosts = kind("Host");

/** The lab's ssh settings with some of them changed, in a folder of the test's own. */
async function sshSettings(base: string, knownHosts: (text: string) => string = (text) => text): Promise<{ configFile: string; knownHostsFile: string; folder: string }> {
  const { ssh, directory } = site.lab.lab;
  const folder = join(directory, base);
  await mkdir(folder, { recursive: true });
  const knownHostsFile = join(folder, "known_hosts");
  await writeFile(knownHostsFile, knownHosts(await readFile(ssh.knownHosts, "utf8")));
  return { configFile: ssh.config, knownHostsFile, folder };
}

function uriOf(name: string): string {
  return site.lab.host(name).host.uri;
}

async function refused(inputs: object, ...words: readonly RegExp[]): Promise<void> {
  await forget();
  await assert.rejects(hosts.create("ash", inputs), (error: Error) => {
    for (const word of words) assert.match(error.message, word);
    assert.match(error.message, /next: /);
    assert.match(error.message, / on ash|ash/);
    return true;
  });
}

test("a host's facts are those that the host tells itself", async () => {
  const ash = site.lab.host("ash");
  const host = await hosts.create("ash", { uri: uriOf("ash") });
  const { outputs } = host;
  assert.equal(outputs["hostname"], (await ash.check(["hostname"])).trim());
  assert.equal(outputs["hostUuid"], ash.host.uuid);
  assert.equal(host.id, outputs["owner"]);
  const node = await ash.virsh(["nodeinfo"]);
  const fact = (name: string): string => new RegExp(`${name}:\\s+(\\S+)`).exec(node)?.[1] ?? "";
  const cpu = outputs["cpu"] as Record<string, unknown>;
  assert.equal(cpu["arch"], fact("CPU model"));
  assert.equal(cpu["count"], Number(fact("CPU\\(s\\)")));
  assert.equal(outputs["memory"], `${fact("Memory size")} KiB`);
  const versions = await ash.virsh(["version"]);
  assert.match(versions, new RegExp(`library: libvirt ${String(outputs["libvirtVersion"])}`));
  assert.match(versions, new RegExp(`hypervisor: QEMU ${String(outputs["qemuVersion"])}`));
  const guests = outputs["guests"] as Record<string, unknown>;
  assert.ok((guests["accelerators"] as string[]).includes("qemu"));
  assert.ok((guests["machines"] as string[]).includes("q35"));
  assert.match(String(outputs["owner"]), /^[0-9a-f-]{36}$/);
});

test("a host keeps its owner id through refresh and update, and another create has another", async () => {
  const inputs = { uri: uriOf("ash") };
  const host = await hosts.create("ash", inputs);
  assert.equal((await hosts.preview(host, inputs)).changes, false);
  assert.equal((await hosts.refresh(host))?.outputs["owner"], host.outputs["owner"]);
  const again = await hosts.up(host, { uri: site.lab.host("ash").host.tcpUri });
  assert.equal(again.outputs["owner"], host.outputs["owner"]);
  assert.equal(again.outputs["hostUuid"], host.outputs["hostUuid"]);
  assert.notEqual((await hosts.create("ash", inputs)).outputs["owner"], host.outputs["owner"]);
  await hosts.delete(host);
});

test("a wrong input is refused in preview", async () => {
  await assert.rejects(hosts.check("ash", { url: "x", connectTimeoutSeconds: 0 }), (error: unknown) => {
    assert.ok(error instanceof CheckFailed);
    assert.match(error.message, /uri: is missing/);
    assert.match(error.message, /url: there is no such property \(did you mean "uri"\?\)/);
    assert.match(error.message, /connectTimeoutSeconds: expected a number >= 1, got 0/);
    return true;
  });
});

test("a host that does not answer is an error after its time-out", async () => {
  // It takes connections and says nothing, as a firewall that drops does once the connection stands.
  const mute = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => mute.once("listening", resolve));
  try {
    await refused({ uri: `qemu+tcp://127.0.0.1:${(mute.address() as AddressInfo).port}/system`, connectTimeoutSeconds: 1 }, /answer|time/i);
  } finally {
    mute.close();
  }
  await refused({ uri: "qemu+tcp://127.0.0.1:9/system" }, /ECONNREFUSED/);
  await refused({ uri: "qemu+ssh://root@nowhere.invalid/system" }, /ENOTFOUND|EAI_AGAIN|nowhere\.invalid/);
});

test("a host key that is unknown or has changed is refused, with what to do", async () => {
  const unknown = await sshSettings("unknown", () => "");
  await refused({ uri: uriOf("ash"), ssh: { configFile: unknown.configFile, knownHostsFile: unknown.knownHostsFile } }, /host key/i, /ssh-keyscan|known_hosts/);
  const birch = site.lab.host("birch").host.address;
  const ash = site.lab.host("ash").host.address;
  const changed = await sshSettings("changed", (text) => text.split("\n")
    .filter((line) => line.includes(birch) || line.includes("birch")).map((line) => line.replace(/^\S+/, `ash,${ash}`)).join("\n") + "\n");
  await refused({ uri: uriOf("ash"), ssh: { configFile: changed.configFile, knownHostsFile: changed.knownHostsFile } }, /host key/i, /changed|differ|another/i);
});

test("a key that the host refuses is an error that names user and keys", async () => {
  const { configFile, knownHostsFile, folder } = await sshSettings("stranger");
  const key = join(folder, "id");
  const { runAny } = await import("../../../lab/run.js");
  await runAny(["rm", "-f", key, `${key}.pub`]);
  assert.equal((await runAny(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])).code, 0);
  const config = join(folder, "config");
  await copyFile(configFile, config);
  await writeFile(config, (await readFile(config, "utf8")).replaceAll(/^\s*IdentityFile.*$/gm, `  IdentityFile ${key}`));
  await refused({ uri: uriOf("ash"), ssh: { configFile: config, knownHostsFile } }, /root/, /refus|denied|auth/i);
});

test("a host without libvirtd", async () => {
  const ash = site.lab.host("ash");
  const hostKeys = await sshSettings("user");
  const pid = (await ash.check(["cat", "/run/libvirtd.pid"]).catch(() => ash.check(["pgrep", "-x", "libvirtd"]))).trim();
  await ash.check(["kill", pid]);
  await eventually("the end of libvirtd", async () => ((await ash.exec(["kill", "-0", pid])).code === 0 ? undefined : true));
  await ash.check(["rm", "-f", "/run/libvirt/libvirt-sock"]);
  await refused({ uri: uriOf("ash"), ssh: { configFile: hostKeys.configFile, knownHostsFile: hostKeys.knownHostsFile } }, /libvirt-sock|libvirtd/, /libvirtd/);
  await site.lab.heal("ash");
  await forget();
  await hosts.create("ash", { uri: uriOf("ash") });
});

test("a host that is dead is an error in refresh, never gone", async () => {
  const host = await hosts.create("birch", { uri: uriOf("birch"), connectTimeoutSeconds: 2 });
  await site.lab.break("birch");
  await forget();
  await assert.rejects(hosts.refresh(host), /birch/);
  await hosts.delete(host);
  await site.lab.heal("birch");
});
