import { fingerprint, hostKeyType, type HostKeyVerdict } from "./known-hosts.js";
import { quoteArgument } from "./ssh-command.js";
import { TransportError } from "./transport-error.js";

/** Host key algorithms, the preferred first. SHA-1 signatures (ssh-rsa) and DSA are not accepted. */
const ALGORITHMS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256"] as const;
type HostKeyAlgorithm = (typeof ALGORITHMS)[number];

/** What to offer a host, the algorithms of its known keys first: a host picks the first of ours that it has. */
export function hostKeyAlgorithms(knownTypes: readonly string[]): HostKeyAlgorithm[] {
  const isKnown = (algorithm: string): boolean => knownTypes.includes(algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm);
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((algorithm) => !isKnown(algorithm))];
}

/** The host whose key was refused. */
export interface RefusedHost {
  readonly label: string;
  readonly host: string;
  readonly port: number;
  /** The name in known_hosts when the configuration gives one of its own (HostKeyAlias). */
  readonly alias?: string | undefined;
  /** The file that new keys belong into. */
  readonly knownHostsFile: string;
  /** How the jump host is reached from here, as arguments of ssh; absent when the host is reached directly. */
  readonly jump?: string | undefined;
  /** The configuration asked to accept any key, which we do not. */
  readonly asksForNoChecking: boolean;
}

/** The error for a host key that known_hosts does not vouch for. */
export function hostKeyError(host: RefusedHost, key: Buffer, verdict: Exclude<HostKeyVerdict, { kind: "known" }>): TransportError {
  const shown = `${shortType(key)} key ${fingerprint(key)}`;
  const attempted = `trust the host key of ${host.host} port ${host.port}`;
  const parts = { attempted, host: host.label };
  switch (verdict.kind) {
    case "revoked":
      return new TransportError("revoked-host-key", {
        ...parts,
        answer: `it shows the ${shown}, which ${verdict.place.file} line ${verdict.place.line} marks as revoked`,
        next: "give the host a new key; whoever has the old one can pose as the host",
      });
    case "changed":
      return new TransportError("changed-host-key", {
        ...parts,
        answer: `it shows the ${shown}, but ${verdict.place.file} line ${verdict.place.line} expects ${verdict.place.fingerprint}: the host was installed anew, or another machine poses as it`,
        next: `find out which; if the new key is right, remove the old one with: ssh-keygen -f ${quoteArgument(verdict.place.file)} -R ${quoteArgument(nameOf(host))}   and add the new one with: ${scanLine(host, key)}`,
      });
    case "unknown": {
      const others = verdict.otherTypes.length === 0 ? "" : `; the keys that are known for it (${verdict.otherTypes.join(", ")}) it did not show, so it may have been installed anew, or another machine poses as it`;
      const authorities = verdict.authorities.map((place) => `; ${place.file} line ${place.line} trusts a certificate authority, but host certificates are not supported`).join("");
      const unchecked = host.asksForNoChecking ? "; StrictHostKeyChecking of the ssh configuration is not followed: an unknown key is never accepted" : "";
      return new TransportError("unknown-host-key", {
        ...parts,
        answer: `it shows the ${shown}, which is not in ${host.knownHostsFile}${others}${authorities}${unchecked}`,
        next: `compare the fingerprint with the one that "ssh-keygen -lf ${hostKeyFile(key)}" prints on the host, then add the key with: ${scanLine(host, key)}`,
      });
    }
  }
}

function shortType(key: Buffer): string {
  return hostKeyType(key).replace(/^ssh-/, "").replace(/^ecdsa-.*/, "ecdsa");
}

function hostKeyFile(key: Buffer): string {
  return `/etc/ssh/ssh_host_${shortType(key)}_key.pub`;
}

function nameOf(host: RefusedHost): string {
  return host.alias ?? (host.port === 22 ? host.host : `[${host.host}]:${host.port}`);
}

/** The line that fetches the key, from the jump host when there is one, and files it under the name that is looked up. */
function scanLine(host: RefusedHost, key: Buffer): string {
  const port = host.port === 22 ? "" : `-p ${host.port} `;
  const scan = `${host.jump === undefined ? "" : `ssh ${host.jump} `}ssh-keyscan ${port}-t ${shortType(key)} ${quoteArgument(host.host)}`;
  const renamed = host.alias === undefined ? "" : ` | sed 's/^[^ ]*/${host.alias}/'`;
  return `${scan}${renamed} >> ${quoteArgument(host.knownHostsFile)}`;
}
