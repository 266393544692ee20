import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { readSshDirectives, type SshDirectives } from "./ssh-config-file.js";
import { expandPath, expandTokens, type SshTokens } from "./ssh-tokens.js";
import { TransportError } from "./transport-error.js";

/** How one host is reached by ssh: what the configuration says, with OpenSSH's defaults. */
export interface SshHostConfig {
  /** The name that was asked for. */
  readonly alias: string;
  /** The name or address to connect to, and to look up in known_hosts. */
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Private keys in the order in which they are tried; undefined when the configuration names none. */
  readonly identityFiles: readonly string[] | undefined;
  /** Of the agent's keys, only those that `identityFiles` names. */
  readonly identitiesOnly: boolean;
  /** The agent's socket; undefined for no agent. */
  readonly identityAgent: string | undefined;
  /** Files of trusted host keys; new keys belong into the first. */
  readonly knownHostsFiles: readonly string[];
  /** Looked up in known_hosts in place of the host's name. */
  readonly hostKeyAlias: string | undefined;
  readonly asksForNoChecking: boolean;
  readonly connectTimeoutMs: number | undefined;
  readonly addressFamily: 4 | 6 | undefined;
  /** The jump host in front of this one, as `[user@]host[:port]` or an `ssh://` URI, and those before it. */
  readonly proxyJump: readonly string[];
}

/** A host as it is asked for; what is given here wins over the configuration. */
export interface SshHostRequest {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Replaces what the configuration says about jump hosts. */
  readonly proxyJump?: readonly string[];
  readonly configFile?: string | undefined;
  readonly knownHostsFile?: string | undefined;
}

const GLOBAL_KNOWN_HOSTS = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
const USER_KNOWN_HOSTS = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];

/**
 * Reads how a host is reached from the ssh configuration (ssh_config(5)): HostName, Port, User, IdentityFile, IdentitiesOnly,
 * IdentityAgent, ProxyJump, UserKnownHostsFile, GlobalKnownHostsFile, HostKeyAlias, ConnectTimeout, AddressFamily, in
 * `Host` and `Match` blocks and in files that are included. Other keywords are passed over, but ProxyCommand is refused.
 *
 * @throws TransportError (`configuration`) for a file that cannot be read or a value that makes no sense.
 */
export async function resolveSshHost(request: SshHostRequest): Promise<SshHostConfig> {
  const localUser = userInfo().username;
  const directives = await readSshDirectives({ host: request.host, user: request.user, localUser, configFile: request.configFile });
  const fail = (keyword: string, value: string, next: string): TransportError =>
    new TransportError("configuration", { attempted: "read the ssh configuration", host: request.host, answer: `${keyword} ${value} is not supported`, next });

  const hostName = expandTokens(directives.first("hostname") ?? request.host, { "%": "%", h: request.host }).toLowerCase();
  const port = request.port ?? numberOf(directives, "port", fail) ?? 22;
  const user = request.user ?? directives.first("user") ?? localUser;
  const proxyJump = request.proxyJump ?? jumpsOf(directives, { host: request.host, hostName, port, user }, fail);
  const tokens = sshTokens({ alias: request.host, hostName, port, user, localUser, jump: proxyJump.join(","), hostKeyAlias: directives.first("hostkeyalias") });
  const timeoutSeconds = numberOf(directives, "connecttimeout", fail);
  const family = directives.first("addressfamily")?.toLowerCase();
  const strict = directives.first("stricthostkeychecking")?.toLowerCase();
  const identityFiles = directives.all("identityfile").filter((file) => file.toLowerCase() !== "none").map((file) => expandPath(file, tokens));

  return {
    alias: request.host,
    hostName,
    port,
    user,
    identityFiles: directives.first("identityfile") === undefined ? undefined : [...new Set(identityFiles)],
    identitiesOnly: directives.first("identitiesonly")?.toLowerCase() === "yes",
    identityAgent: agentOf(directives.first("identityagent"), tokens),
    knownHostsFiles: request.knownHostsFile === undefined ? knownHostsOf(directives, tokens) : [expandPath(request.knownHostsFile, tokens)],
    hostKeyAlias: directives.first("hostkeyalias"),
    asksForNoChecking: strict === "no" || strict === "off" || strict === "accept-new",
    connectTimeoutMs: timeoutSeconds === undefined || timeoutSeconds === 0 ? undefined : timeoutSeconds * 1000,
    addressFamily: family === "inet" ? 4 : family === "inet6" ? 6 : undefined,
    proxyJump,
  };
}

/** A jump host's `[user@]host[:port]` or `ssh://[user@]host[:port]`. */
export function parseJump(text: string): { host: string; user?: string; port?: number } {
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@/[\]]+))(?::([0-9]+))?\/?$/i.exec(text);
  const [, user, bracketed, plain, port] = match ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port ?? 22) > 65535 || Number(port ?? 22) === 0) {
    throw new TransportError("configuration", { attempted: "read the ssh configuration", answer: `"${text}" is not a jump host`, next: "write ProxyJump [USER@]HOST[:PORT], several with commas between them" });
  }
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port: Number(port) }) };
}

type Fail = (keyword: string, value: string, next: string) => TransportError;

function numberOf(directives: SshDirectives, keyword: string, fail: Fail): number | undefined {
  const text = directives.first(keyword);
  if (text === undefined) return undefined;
  if (!/^[0-9]+$/.test(text) || (keyword === "port" && (Number(text) > 65535 || Number(text) === 0))) throw fail(keyword, text, `write a number in ${directives.where(keyword)}`);
  return Number(text);
}

/** Of ProxyJump and ProxyCommand, the one that comes first counts. */
function jumpsOf(directives: SshDirectives, self: { host: string; hostName: string; port: number; user: string }, fail: Fail): string[] {
  const keyword = directives.firstOf(["proxyjump", "proxycommand"]);
  if (keyword === undefined) return [];
  const value = directives.first(keyword) ?? "none";
  if (value.toLowerCase() === "none") return [];
  if (keyword === "proxycommand") throw fail("ProxyCommand", value, `write a ProxyJump in its place in ${directives.where(keyword)}, or "ProxyCommand none" for this host`);
  const tokens = { "%": "%", h: self.hostName, n: self.host, p: String(self.port), r: self.user };
  return value.split(",").map((jump) => expandTokens(jump.trim(), tokens));
}

function agentOf(setting: string | undefined, tokens: SshTokens): string | undefined {
  const fromEnvironment = process.env["SSH_AUTH_SOCK"];
  const named = setting === undefined || setting === "SSH_AUTH_SOCK" ? fromEnvironment : setting.toLowerCase() === "none" ? undefined : setting.startsWith("$") && !setting.startsWith("${") ? process.env[setting.slice(1)] : expandPath(setting, tokens);
  return named === "" ? undefined : named;
}

function knownHostsOf(directives: SshDirectives, tokens: SshTokens): string[] {
  const files = (setting: readonly string[]): string[] => setting.filter((file) => file.toLowerCase() !== "none").map((file) => expandPath(file, tokens));
  return [...files(directives.words("userknownhostsfile") ?? USER_KNOWN_HOSTS), ...files(directives.words("globalknownhostsfile") ?? GLOBAL_KNOWN_HOSTS)];
}

function sshTokens(from: { alias: string; hostName: string; port: number; user: string; localUser: string; jump: string; hostKeyAlias: string | undefined }): SshTokens {
  return {
    "%": "%", d: homedir(), h: from.hostName, i: String(process.getuid?.() ?? ""), j: from.jump, k: from.hostKeyAlias ?? from.alias,
    n: from.alias, p: String(from.port), r: from.user, u: from.localUser,
  };
}

/** The keys that are tried when nothing names any. */
export const DEFAULT_IDENTITY_FILES: readonly string[] = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(homedir(), ".ssh", name));
