import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf } from "../base/error.js";
import { matchesPatternList } from "./ssh-pattern.js";
import { TransportError } from "./transport-error.js";

/** One line of a known_hosts file. */
interface KnownHostLine {
  readonly file: string;
  readonly line: number;
  readonly marker: "revoked" | "cert-authority" | undefined;
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
}

/** Where a line stands, for errors. */
export interface KnownHostPlace { readonly file: string; readonly line: number; readonly fingerprint: string }

/** What known_hosts says about a key that a host has shown. Only `known` lets the connection go on. */
export type HostKeyVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "revoked"; readonly place: KnownHostPlace }
  | { readonly kind: "changed"; readonly place: KnownHostPlace }
  | { readonly kind: "unknown"; readonly otherTypes: readonly string[]; readonly authorities: readonly KnownHostPlace[] };

const DEFAULT_SSH_PORT = 22;

/**
 * The trusted host keys of one or more known_hosts files, by OpenSSH's rules (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT):
 * plain and hashed names, patterns, `[host]:port`, `@revoked`. `@cert-authority` trusts nothing here, since host
 * certificates are not verified; lines that cannot be read trust nothing either.
 */
export class KnownHosts {
  readonly #lines: readonly KnownHostLine[];

  constructor(files: readonly { readonly path: string; readonly text: string }[]) {
    this.#lines = files.flatMap(({ path, text }) => parseFile(path, text));
  }

  /**
   * Reads the files; one that does not exist is empty.
   * @throws TransportError (`configuration`) for one that exists and cannot be read.
   */
  static async read(paths: readonly string[], label: string): Promise<KnownHosts> {
    const files = await Promise.all(paths.map(async (path) => {
      try {
        return { path, text: await readFile(path, "utf8") };
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return { path, text: "" };
        throw new TransportError("configuration", { attempted: `read the known host keys in ${path}`, host: label, answer: messageOf(error), next: "make the file readable, or name another with ssh.knownHostsFile", cause: error });
      }
    }));
    return new KnownHosts(files);
  }

  /**
   * The verdict on a key that `host` has shown. A key that is known for the host's usual port counts for its other ports
   * too, as in OpenSSH.
   * @param key the public key in ssh's wire form, which begins with its type
   */
  check(host: string, port: number, key: Buffer): HostKeyVerdict {
    const verdict = this.#checkName(knownHostName(host, port), key);
    if (verdict.kind !== "unknown" || port === DEFAULT_SSH_PORT) return verdict;
    const plain = this.#checkName(knownHostName(host, DEFAULT_SSH_PORT), key);
    return plain.kind === "known" || plain.kind === "revoked" ? plain : verdict;
  }

  /** The types of the keys that are known for a host: ask for these, or a host with several keys seems unknown. */
  knownTypes(host: string, port: number): readonly string[] {
    const own = this.#typesOf(knownHostName(host, port));
    return own.length > 0 ? own : this.#typesOf(knownHostName(host, DEFAULT_SSH_PORT));
  }

  #typesOf(name: string): string[] {
    return [...new Set(this.#about(name).filter((line) => line.marker === undefined).map((line) => line.type))];
  }

  #about(name: string): KnownHostLine[] {
    return this.#lines.filter((line) => namesHost(line.hosts, name));
  }

  #checkName(name: string, key: Buffer): HostKeyVerdict {
    const type = hostKeyType(key);
    const about = this.#about(name);
    const revoked = about.find((line) => line.marker === "revoked" && line.key.equals(key));
    if (revoked !== undefined) return { kind: "revoked", place: placeOf(revoked) };
    const trusted = about.filter((line) => line.marker === undefined);
    if (trusted.some((line) => line.key.equals(key))) return { kind: "known" };
    const changed = trusted.find((line) => line.type === type);
    if (changed !== undefined) return { kind: "changed", place: placeOf(changed) };
    return {
      kind: "unknown",
      otherTypes: [...new Set(trusted.map((line) => line.type))],
      authorities: about.filter((line) => line.marker === "cert-authority").map(placeOf),
    };
  }
}

/** The name under which a host stands in known_hosts. */
export function knownHostName(host: string, port: number): string {
  return port === DEFAULT_SSH_PORT ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** A key's fingerprint as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that a public key in ssh's wire form names; empty for what is no key. */
export function hostKeyType(key: Buffer): string {
  if (key.length < 4) return "";
  const length = key.readUInt32BE(0);
  return length > key.length - 4 ? "" : key.toString("latin1", 4, 4 + length);
}

function placeOf(line: KnownHostLine): KnownHostPlace {
  return { file: line.file, line: line.line, fingerprint: fingerprint(line.key) };
}

function parseFile(file: string, text: string): KnownHostLine[] {
  return text.split("\n").flatMap((raw, index) => {
    const fields = raw.trim().split(/[ \t]+/);
    if (fields[0] === "" || fields[0]?.startsWith("#") === true) return [];
    const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined;
    if (marker !== undefined && marker !== "@revoked" && marker !== "@cert-authority") return [];
    const [hosts, type, encoded] = fields;
    if (hosts === undefined || type === undefined || encoded === undefined) return [];
    const key = Buffer.from(encoded, "base64");
    if (hostKeyType(key) !== type) return [];
    return [{ file, line: index + 1, marker: marker === "@revoked" ? "revoked" : marker === "@cert-authority" ? "cert-authority" : undefined, hosts, type, key }];
  });
}

function namesHost(hosts: string, name: string): boolean {
  return hosts.startsWith("|") ? matchesHash(hosts, name) : matchesPatternList(hosts.toLowerCase().split(","), name);
}

/** A hashed name: `|1|base64 of the salt|base64 of HMAC-SHA1(salt, name)`. */
function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt, digest] = hashed.split("|");
  if (version !== "1" || salt === undefined || digest === undefined) return false;
  const expected = Buffer.from(digest, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
