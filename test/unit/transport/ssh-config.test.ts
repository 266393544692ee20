import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe, it } from "node:test";
import { parseJump, resolveSshHost, type SshHostConfig, type SshHostRequest } from "../../../provider/transport/ssh-config.js";
import { resolveHops } from "../../../provider/transport/ssh-hops.js";
import { TransportError } from "../../../provider/transport/index.js";

const folder = mkdtempSync(join(tmpdir(), "drover-ssh-config-"));
const main = join(folder, "config");
const savedConfig = process.env["DROVER_SSH_CONFIG"];
const savedAgent = process.env["SSH_AUTH_SOCK"];

after(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  restore("DROVER_SSH_CONFIG", savedConfig);
  restore("SSH_AUTH_SOCK", savedAgent);
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function resolve(text: string, request: Partial<SshHostRequest> = {}): Promise<SshHostConfig> {
  return resolveSshHost({ host: "ash", configFile: write("config", text), ...request });
}

function hops(text: string, host = "ash"): Promise<string[]> {
  return resolveHops({ host, configFile: write("config", text) }, host).then((found) => found.map((hop) => `${hop.user}@${hop.hostName}:${hop.port}`));
}

describe("resolveSshHost", () => {
  it("has OpenSSH's defaults", async () => {
    const host = await resolve("");
    assert.equal(host.hostName, "ash");
    assert.equal(host.port, 22);
    assert.equal(host.user, userInfo().username);
    assert.equal(host.identityFiles, undefined);
    assert.deepEqual(host.knownHostsFiles, [join(homedir(), ".ssh/known_hosts"), join(homedir(), ".ssh/known_hosts2"), "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]);
    assert.deepEqual(host.proxyJump, []);
  });

  it("takes the first value of each keyword, in whatever letters, and all identity files", async () => {
    const host = await resolve(`
      PORT 2200
      Host birch
        HostName 10.0.0.2
      Host ash a?h
        hostname = 10.0.0.1
        Port 2222 # too late
        User "the operator"
        IdentityFile ~/.ssh/first
        IdentityFile "%d/keys/%r at %h:%p"
        IdentitiesOnly yes
      Host *
        HostName ignored
        IdentityFile /third
        ConnectTimeout 3
        AddressFamily inet6
        HostKeyAlias ash-key
        StrictHostKeyChecking no`);
    assert.equal(host.hostName, "10.0.0.1");
    assert.equal(host.port, 2200);
    assert.equal(host.user, "the operator");
    assert.deepEqual(host.identityFiles, [join(homedir(), ".ssh/first"), join(homedir(), "keys/the operator at 10.0.0.1:2200"), "/third"]);
    assert.equal(host.identitiesOnly, true);
    assert.equal(host.connectTimeoutMs, 3_000);
    assert.equal(host.addressFamily, 6);
    assert.equal(host.hostKeyAlias, "ash-key");
    assert.equal(host.asksForNoChecking, true);
  });

  it("lets the URI's user and port win", async () => {
    const host = await resolve("Host ash\n User root\n Port 2222", { user: "me", port: 22 });
    assert.deepEqual([host.user, host.port], ["me", 22]);
  });

  it("follows patterns and their negations", async () => {
    const text = "Host *.lab !bad.lab\n Port 1\nHost *\n Port 2";
    for (const [name, port] of [["good.lab", 1], ["bad.lab", 2], ["lab", 2]] as const) assert.equal((await resolve(text, { host: name })).port, port, name);
  });

  it("follows Match by host, original host and user; what would run a command does not match", async () => {
    const marker = join(folder, "ran");
    const host = await resolve(`
      Host ash
        HostName ash.lab
      Match host *.lab user root
        Port 1
      Match originalhost ash !user root
        IdentityFile /me
      Match exec "touch ${marker}"
        IdentityFile /exec
      Match all
        IdentityFile /all`, { user: "me" });
    assert.equal(host.port, 22);
    assert.deepEqual(host.identityFiles, ["/me", "/all"]);
    assert.throws(() => execFileSync("test", ["-e", marker]));
  });

  it("includes files by name, pattern and nesting, only where the block matches", async () => {
    mkdirSync(join(folder, "conf.d"));
    write("conf.d/10-ash.conf", `Host ash\n HostName included\n Include ${folder}/deep`);
    write("conf.d/20-port.conf", "Host *\n Port 2020");
    write("conf.d/.hidden.conf", "User hidden");
    write("conf.d/other.txt", "User other");
    write("deep", "User deep");
    write("birch-only", "IdentityFile /birch");
    const text = `Host birch\n Include ${folder}/birch-only\nHost *\n Include ${folder}/conf.d/*.conf ${folder}/missing\n Port 1\n User late`;
    const ash = await resolve(text);
    assert.deepEqual([ash.hostName, ash.port, ash.user, ash.identityFiles], ["included", 2020, "deep", undefined]);
    const birch = await resolve(text, { host: "birch" });
    assert.deepEqual([birch.hostName, birch.port, birch.user, birch.identityFiles], ["birch", 2020, "late", ["/birch"]]);
  });

  it("refuses files that include each other", async () => {
    await assert.rejects(resolve(`Include ${main}`), /include each other/);
  });

  it("reads known_hosts files, and one that is given in their place", async () => {
    const text = "UserKnownHostsFile /one \"%d/the two\"\nGlobalKnownHostsFile none";
    assert.deepEqual((await resolve(text)).knownHostsFiles, ["/one", join(homedir(), "the two")]);
    assert.equal((await resolve("UserKnownHostsFile \"/my keys\"")).knownHostsFiles[0], "/my keys");
    assert.deepEqual((await resolve(text, { knownHostsFile: "/given" })).knownHostsFiles, ["/given"]);
  });

  it("finds the agent", async () => {
    process.env["SSH_AUTH_SOCK"] = "/agent";
    process.env["OTHER_AGENT"] = "/other";
    assert.equal((await resolve("")).identityAgent, "/agent");
    assert.equal((await resolve("IdentityAgent SSH_AUTH_SOCK")).identityAgent, "/agent");
    assert.equal((await resolve("IdentityAgent none")).identityAgent, undefined);
    assert.equal((await resolve("IdentityAgent ~/agent.sock")).identityAgent, join(homedir(), "agent.sock"));
    assert.equal((await resolve("IdentityAgent $OTHER_AGENT")).identityAgent, "/other");
    assert.equal((await resolve("IdentityAgent ${OTHER_AGENT}.sock")).identityAgent, "/other.sock");
    Reflect.deleteProperty(process.env, "SSH_AUTH_SOCK");
    Reflect.deleteProperty(process.env, "OTHER_AGENT");
    assert.equal((await resolve("")).identityAgent, undefined);
  });

  it("expands tokens", async () => {
    const host = await resolve("HostName %h.lab\nIdentityFile /%%/%n/%h/%p/%r/%u/%l/%k", { user: "root" });
    assert.equal(host.hostName, "ash.lab");
    assert.deepEqual(host.identityFiles, [`/%/ash/ash.lab/22/root/${userInfo().username}/${hostname()}/ash`]);
    await assert.rejects(resolve("IdentityFile /%z"), /holds %z, which means nothing here/);
    await assert.rejects(resolve("IdentityFile /${NOT_SET_AT_ALL}"), /NOT_SET_AT_ALL/);
  });

  it("takes the file that DROVER_SSH_CONFIG names, and no other", async () => {
    process.env["DROVER_SSH_CONFIG"] = write("env", "Host ash\n Port 4");
    assert.equal((await resolveSshHost({ host: "ash" })).port, 4);
    assert.equal((await resolve("Port 5")).port, 5);
    process.env["DROVER_SSH_CONFIG"] = join(folder, "missing");
    await assert.rejects(resolveSshHost({ host: "ash" }), (error) => error instanceof TransportError && error.reason === "configuration" && /DROVER_SSH_CONFIG/.test(error.message));
  });

  it("names the file that cannot be understood", async () => {
    await assert.rejects(resolve("Host"), new RegExp(`could not read the ssh configuration ${main}`));
    await assert.rejects(resolve("Port many"), /Port many is not supported|port many is not supported/);
    await assert.rejects(resolve("IdentityFile \"/open"), /Unexpected line break/);
  });

  it("agrees with ssh -G", async () => {
    write("more", "Host *.lab\n User fromlab\n IdentityFile /lab-key");
    const text = `Host a*\n HostName %h.lab\n Port 2201\n ProxyJump gate\nInclude ${folder}/more\nMatch host *.lab\n UserKnownHostsFile /kh1 /kh2\nHost *\n Port 9\n User anyone\n HostKeyAlias ak`;
    for (const name of ["ash", "birch", "cedar.lab"]) {
      const host = await resolve(text, { host: name });
      const printed = execFileSync("ssh", ["-G", "-F", main, name], { encoding: "utf8" }).split("\n");
      for (const line of [`hostname ${host.hostName}`, `port ${host.port}`, `user ${host.user}`, `hostkeyalias ${host.hostKeyAlias ?? ""}`,
        ...(host.proxyJump.length > 0 ? [`proxyjump ${host.proxyJump.join(",")}`] : []), ...(host.identityFiles ?? []).map((file) => `identityfile ${file}`)]) {
        assert.ok(printed.includes(line), `${name}: ssh -G does not print "${line}" but\n${printed.join("\n")}`);
      }
    }
  });
});

describe("resolveHops", () => {
  it("goes through each jump host in turn, each by its own configuration", async () => {
    const text = "Host ash\n ProxyJump me@gate:2222,inner\nHost gate\n HostName gate.example\n User other\n ProxyJump outer\nHost *\n User root";
    assert.deepEqual(await hops(text), ["root@outer:22", "me@gate.example:2222", "root@inner:22", "root@ash:22"]);
  });

  it("does not follow the own ProxyJump of a jump host that has another in front", async () => {
    assert.deepEqual(await hops("Host ash\n ProxyJump gate,inner\nHost inner\n ProxyJump nowhere\nHost *\n User root"), ["root@gate:22", "root@inner:22", "root@ash:22"]);
  });

  it("goes straight to a host that says none, and to a jump host that a pattern gives to itself", async () => {
    assert.deepEqual(await hops("Host ash\n ProxyJump none\nHost *\n User root\n ProxyJump gate"), ["root@ash:22"]);
    assert.deepEqual(await hops("Host *\n User root\n ProxyJump gate"), ["root@gate:22", "root@ash:22"]);
  });

  it("refuses a circle", async () => {
    await assert.rejects(hops("Host ash\n ProxyJump birch\nHost birch\n ProxyJump ash"), /circle/);
  });

  it("refuses ProxyCommand, unless a ProxyJump comes first", async () => {
    await assert.rejects(hops("Host ash\n ProxyCommand nc %h %p"), /ProxyCommand nc %h %p is not supported[^]*ProxyJump/);
    assert.deepEqual(await hops("Host *\n User root\nHost ash\n ProxyJump gate\nHost ash\n ProxyCommand nc %h %p"), ["root@gate:22", "root@ash:22"]);
    assert.deepEqual(await hops("User root\nProxyCommand none"), ["root@ash:22"]);
  });
});

describe("parseJump", () => {
  it("reads a host with and without user and port, also as a URI", () => {
    assert.deepEqual(parseJump("gate"), { host: "gate" });
    assert.deepEqual(parseJump("me@gate:2222"), { host: "gate", user: "me", port: 2222 });
    assert.deepEqual(parseJump("a@b@gate"), { host: "gate", user: "a@b" });
    assert.deepEqual(parseJump("me@[fd00::1]:2222"), { host: "fd00::1", user: "me", port: 2222 });
    assert.deepEqual(parseJump("ssh://me@gate:22/"), { host: "gate", user: "me", port: 22 });
    for (const text of ["", "gate:", "gate:0", "gate:70000", "me@"]) assert.throws(() => parseJump(text), /is not a jump host/, text);
  });
});
