import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { hostKeyAlgorithms, hostKeyError, type RefusedHost } from "../../../provider/transport/host-key.js";
import { fingerprint, KnownHosts } from "../../../provider/transport/known-hosts.js";

function wireKey(type: string): Buffer {
  const field = (data: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, data.length]), data]);
  const body = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return Buffer.concat([field(Buffer.from(type)), field(body)]);
}

const ED = wireKey("ssh-ed25519");
const OTHER = wireKey("ssh-ed25519");
const RSA = wireKey("ssh-rsa");
const line = (hosts: string, key: Buffer, type = "ssh-ed25519", marker = ""): string => `${marker}${hosts} ${type} ${key.toString("base64")} a comment`;

const cases: readonly { name: string; lines: readonly string[]; host?: string; port?: number; key?: Buffer; verdict: string }[] = [
  { name: "a plain name", lines: [line("ash", ED)], verdict: "known" },
  { name: "a name in other letters", lines: [line("ASH", ED)], host: "Ash", verdict: "known" },
  { name: "one of several names", lines: [line("birch,10.0.0.1,ash", ED)], verdict: "known" },
  { name: "a pattern", lines: [line("a*,!birch", ED)], verdict: "known" },
  { name: "a negated pattern", lines: [line("*,!ash", ED)], verdict: "unknown" },
  { name: "one letter in a pattern", lines: [line("as?", ED)], verdict: "known" },
  { name: "a dot that is no pattern", lines: [line("a.b", ED)], host: "axb", verdict: "unknown" },
  { name: "a longer name", lines: [line("ash", ED)], host: "ash.evil", verdict: "unknown" },
  { name: "a port", lines: [line("[ash]:2222", ED)], port: 2222, verdict: "known" },
  { name: "another port", lines: [line("[ash]:2222", ED)], port: 2223, verdict: "unknown" },
  { name: "a port's key on the usual port", lines: [line("[ash]:2222", ED)], verdict: "unknown" },
  { name: "the usual port's key on another port, as OpenSSH has it", lines: [line("ash", ED)], port: 2222, verdict: "known" },
  { name: "a changed key on the port, though the usual port has it", lines: [line("ash", ED), line("[ash]:2222", OTHER)], port: 2222, verdict: "changed" },
  { name: "the usual port's other key says nothing of this port", lines: [line("ash", OTHER)], port: 2222, verdict: "unknown" },
  { name: "an empty file", lines: [], verdict: "unknown" },
  { name: "a changed key", lines: [line("ash", OTHER)], verdict: "changed" },
  { name: "two keys of a type, one of them right", lines: [line("ash", OTHER), line("ash", ED)], verdict: "known" },
  { name: "a key of another type only", lines: [line("ash", RSA, "ssh-rsa")], verdict: "unknown" },
  { name: "a revoked key, wherever the line stands", lines: [line("ash", ED), line("*", ED, "ssh-ed25519", "@revoked ")], verdict: "revoked" },
  { name: "a revoked key of the usual port", lines: [line("ash", ED, "ssh-ed25519", "@revoked ")], port: 2222, verdict: "revoked" },
  { name: "another key revoked", lines: [line("ash", ED), line("ash", OTHER, "ssh-ed25519", "@revoked ")], verdict: "known" },
  { name: "a certificate authority's own key trusts nothing", lines: [line("ash", ED, "ssh-ed25519", "@cert-authority ")], verdict: "unknown" },
  { name: "an unknown marker trusts nothing", lines: [line("ash", ED, "ssh-ed25519", "@trusted ")], verdict: "unknown" },
  { name: "a comment trusts nothing", lines: [`#${line("ash", ED)}`], verdict: "unknown" },
  { name: "a line whose type is not the key's trusts nothing", lines: [line("ash", ED, "ssh-rsa")], verdict: "unknown" },
  { name: "a cut line trusts nothing", lines: ["ash ssh-ed25519", "ash", line("ash", ED.subarray(0, 3))], verdict: "unknown" },
  { name: "a hash of an unknown kind trusts nothing", lines: [line("|2|AAAA|AAAA", ED), line("|1||", ED), line("|1|x", ED)], verdict: "unknown" },
  { name: "blanks and Windows line ends", lines: [`  ${line("ash", ED)}\r`], verdict: "known" },
];

function known(lines: readonly string[]): KnownHosts {
  return new KnownHosts([{ path: "/known", text: lines.join("\n") }]);
}

describe("KnownHosts", () => {
  for (const { name, lines, host = "ash", port = 22, key = ED, verdict } of cases) {
    it(`finds ${verdict}: ${name}`, () => {
      assert.equal(known(lines).check(host, port, key).kind, verdict);
    });
  }

  it("says where a changed key stands", () => {
    assert.deepEqual(known(["# ours", line("ash", OTHER)]).check("ash", 22, ED), { kind: "changed", place: { file: "/known", line: 2, fingerprint: fingerprint(OTHER) } });
  });

  it("knows which types to ask for", () => {
    const hosts = known([line("ash", RSA, "ssh-rsa"), line("ash", OTHER, "ssh-ed25519", "@revoked "), line("[birch]:2222", ED)]);
    assert.deepEqual(hosts.knownTypes("ash", 22), ["ssh-rsa"]);
    assert.deepEqual(hosts.knownTypes("ash", 2222), ["ssh-rsa"]);
    assert.deepEqual(hosts.knownTypes("birch", 2222), ["ssh-ed25519"]);
    assert.deepEqual(hostKeyAlgorithms(["ssh-rsa"]).slice(0, 3), ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
    assert.ok(!hostKeyAlgorithms([]).some((algorithm) => algorithm.startsWith("ssh-dss") || algorithm.startsWith("ssh-rsa")));
  });

  it("refuses a file that cannot be read, and takes a missing one for empty", async () => {
    assert.equal((await KnownHosts.read(["/does/not/exist"], "ash")).check("ash", 22, ED).kind, "unknown");
    await assert.rejects(KnownHosts.read(["/"], "ash"), /could not read the known host keys in \//);
  });
});

describe("KnownHosts beside OpenSSH", () => {
  const folder = mkdtempSync(join(tmpdir(), "drover-known-hosts-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "known_hosts");

  it("reads names that ssh-keygen hashed, with and without a port", () => {
    writeFileSync(file, `${line("ash", ED)}\n${line("[birch]:2222", OTHER)}\n`);
    execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
    const text = readFileSync(file, "utf8");
    assert.ok(!text.includes("ash") && text.startsWith("|1|"));
    const hosts = new KnownHosts([{ path: file, text }]);
    assert.equal(hosts.check("ash", 22, ED).kind, "known");
    assert.equal(hosts.check("ASH", 22, ED).kind, "known");
    assert.equal(hosts.check("ash", 22, OTHER).kind, "changed");
    assert.equal(hosts.check("birch", 2222, OTHER).kind, "known");
    assert.equal(hosts.check("birch", 22, OTHER).kind, "unknown");
    assert.equal(hosts.check("cedar", 22, ED).kind, "unknown");
  });

  it("prints the fingerprint that ssh-keygen prints", () => {
    writeFileSync(file, `${line("ash", ED)}\n`);
    assert.ok(execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).includes(` ${fingerprint(ED)} `));
  });
});

describe("hostKeyError", () => {
  const host: RefusedHost = { label: "ash", host: "10.0.0.1", port: 2222, knownHostsFile: "/home/me/.ssh/known_hosts", asksForNoChecking: false };

  it("shows the fingerprint of an unknown key and the line that adds it", () => {
    const error = hostKeyError(host, ED, { kind: "unknown", otherTypes: [], authorities: [] });
    assert.equal(error.reason, "unknown-host-key");
    assert.ok(error.answer.includes(fingerprint(ED)));
    assert.ok(error.next?.endsWith("ssh-keyscan -p 2222 -t ed25519 10.0.0.1 >> /home/me/.ssh/known_hosts"));
  });

  it("fetches the key of a host behind a jump host from there, and files it under the alias", () => {
    const error = hostKeyError({ ...host, port: 22, jump: "gate", alias: "ash-key" }, RSA, { kind: "unknown", otherTypes: [], authorities: [] });
    assert.ok(error.next?.endsWith("ssh gate ssh-keyscan -t rsa 10.0.0.1 | sed 's/^[^ ]*/ash-key/' >> /home/me/.ssh/known_hosts"));
  });

  it("names what else is known, what is not supported and what is not followed", () => {
    const error = hostKeyError({ ...host, asksForNoChecking: true }, ED, { kind: "unknown", otherTypes: ["ssh-rsa"], authorities: [{ file: "/known", line: 3, fingerprint: "SHA256:x" }] });
    assert.match(error.answer, /ssh-rsa/);
    assert.match(error.answer, /\/known line 3 trusts a certificate authority, but host certificates are not supported/);
    assert.match(error.answer, /StrictHostKeyChecking .* is not followed/);
  });

  it("removes a changed key only after the operator looked", () => {
    const error = hostKeyError(host, ED, { kind: "changed", place: { file: "/known", line: 7, fingerprint: fingerprint(OTHER) } });
    assert.equal(error.reason, "changed-host-key");
    assert.ok(error.answer.includes(fingerprint(ED)) && error.answer.includes(fingerprint(OTHER)) && error.answer.includes("/known line 7"));
    assert.match(error.next ?? "", /^find out which; .*ssh-keygen -f \/known -R '\[10\.0\.0\.1\]:2222'/);
  });
});
