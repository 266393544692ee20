import { readFile, stat } from "node:fs/promises";
import ssh2, { type AnyAuthMethod, type ParsedKey } from "ssh2";
import { messageOf } from "../base/error.js";
import { fingerprint } from "./known-hosts.js";
import { OrderedAgent } from "./ssh-agent.js";
import type { SshOptions } from "./host-transport.js";
import { DEFAULT_IDENTITY_FILES, type SshHostConfig } from "./ssh-config.js";
import { expandPath } from "./ssh-tokens.js";
import { TransportError } from "./transport-error.js";

/** One way to prove who we are, and what errors call it. */
export interface Credential {
  readonly description: string;
  readonly method: AnyAuthMethod;
}

/** What is tried, in order, and what cannot be tried with the reason; texts are free of secrets. */
export interface Credentials {
  readonly usable: readonly Credential[];
  readonly unusable: readonly string[];
}

type KeyOptions = Pick<SshOptions, "identityFile" | "privateKey" | "passphrase" | "password">;

/**
 * Collects the ways to prove who we are: the key and the file that were given, the agent, the configuration's identity files
 * (or, where nothing names a key, the user's usual ones), and last the password.
 *
 * @throws TransportError (`key-refused`) for a key that was given and cannot be used, when no agent can stand in for it.
 */
export async function collectCredentials(host: SshHostConfig, options: KeyOptions, label: string): Promise<Credentials> {
  const username = host.user;
  const usable: Credential[] = [];
  const unusable: string[] = [];
  const agentKeys: ParsedKey[] = [];
  const given = new Set<string>();

  const add = (name: string, loaded: LoadedKey): void => {
    if (loaded.publicKey !== undefined) agentKeys.push(loaded.publicKey);
    if (loaded.key !== undefined) usable.push({ description: `${name} (${fingerprint(loaded.key.getPublicSSH())})`, method: { type: "publickey", username, key: loaded.key } });
    else unusable.push(`${name}: ${loaded.problem}`);
  };
  const addGiven = (name: string, loaded: LoadedKey): void => {
    if (loaded.key === undefined && host.identityAgent === undefined) throw unusableKey(name, loaded.problem, label);
    add(name, loaded);
  };
  if (options.privateKey !== undefined) addGiven("the given private key", loadKey(Buffer.from(options.privateKey), options.passphrase));
  if (options.identityFile !== undefined) {
    const path = expandPath(options.identityFile, { "%": "%" });
    given.add(path);
    addGiven(path, await loadKeyFile(path, options.passphrase));
  }
  const beforeAgent = usable.length;
  const namesKey = beforeAgent > 0 || unusable.length > 0 || host.identityFiles !== undefined;
  for (const path of host.identityFiles ?? (namesKey ? [] : DEFAULT_IDENTITY_FILES)) {
    if (given.has(path) || (host.identityFiles === undefined && !await exists(path))) continue;
    add(path, await loadKeyFile(path, options.passphrase));
  }
  const agent = host.identityAgent === undefined ? undefined : new OrderedAgent(host.identityAgent, agentKeys, host.identitiesOnly);
  if (agent !== undefined) usable.splice(beforeAgent, 0, { description: `the agent at ${host.identityAgent ?? ""}`, method: { type: "agent", username, agent } });

  if (options.password !== undefined) {
    const { password } = options;
    usable.push({ description: "the password", method: { type: "password", username, password } });
    // Servers that ask PAM want the same password by way of a question.
    usable.push({ description: "the password (keyboard-interactive)", method: { type: "keyboard-interactive", username, prompt: (_name, _instructions, _language, prompts, finish) => {
      finish(prompts.map((prompt) => (prompt.echo === true ? "" : password)));
    } } });
  }
  return { usable, unusable };
}

type LoadedKey =
  | { readonly key: ParsedKey; readonly publicKey: ParsedKey; readonly problem?: undefined }
  | { readonly key?: undefined; readonly publicKey?: ParsedKey | undefined; readonly problem: string };

function loadKey(data: Buffer, passphrase: string | undefined): LoadedKey {
  const parsed: unknown = ssh2.utils.parseKey(data, passphrase);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) return { problem: keyProblem(key.message, passphrase !== undefined) };
  if (!isParsedKey(key)) return { problem: "it holds no key" };
  if (key.type === "ssh-dss") return { problem: "DSA keys (ssh-dss) are too weak and not supported; make one with: ssh-keygen -t ed25519" };
  return key.isPrivateKey() ? { key, publicKey: key } : { publicKey: key, problem: "it is a public key, which only an agent can use" };
}

function isParsedKey(value: unknown): value is ParsedKey {
  return typeof value === "object" && value !== null && "isPrivateKey" in value && "getPublicSSH" in value;
}

/** Parsers' words, made plain. */
function keyProblem(message: string, hasPassphrase: boolean): string {
  if (/no passphrase given/i.test(message)) return "it is encrypted; give its passphrase as ssh.passphrase (best from a Pulumi secret), or load it into an agent with ssh-add";
  if (/passphrase|integrity check|bad decrypt/i.test(message) && hasPassphrase) return "the passphrase does not fit";
  return `it cannot be read as a private key (${message})`;
}

async function loadKeyFile(path: string, passphrase: string | undefined): Promise<LoadedKey> {
  let loaded: LoadedKey;
  try {
    loaded = loadKey(await readFile(path), passphrase);
  } catch (error) {
    loaded = { problem: messageOf(error) };
  }
  if (loaded.key !== undefined || loaded.publicKey !== undefined) return loaded;
  // The public half beside a key that is encrypted, or kept by the agent alone, says which of the agent's keys it is.
  const publicFile = await readFile(`${path}.pub`).catch(() => undefined);
  const publicKey = publicFile === undefined ? undefined : loadKey(publicFile, undefined).publicKey;
  return publicKey === undefined ? loaded : { publicKey, problem: loaded.problem };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

function unusableKey(name: string, problem: string, label: string): TransportError {
  return new TransportError("key-refused", { attempted: `use ${name}`, host: label, answer: problem, next: "correct ssh.identityFile, ssh.privateKey, ssh.passphrase or the URI's ?keyfile=" });
}

/** The error for a host that accepted nothing of what was tried. */
export function refusedCredentials(host: SshHostConfig, label: string, tried: readonly string[], credentials: Credentials, allowed: readonly string[], notes: readonly string[]): TransportError {
  const offered = tried.length === 0 ? "there was no key to offer" : `it accepted none of: ${tried.join(", ")}`;
  const unusable = [...credentials.unusable, ...notes].map((text) => `; not used: ${text}`).join("");
  const methods = allowed.length === 0 ? "" : `; it allows ${allowed.join(", ")}`;
  const port = host.port === 22 ? "" : ` -p ${host.port}`;
  return new TransportError("key-refused", {
    attempted: `log in as ${host.user}`,
    host: label,
    answer: `${offered}${unusable}${methods}`,
    next: tried.length === 0
      ? "name a key with ?keyfile= in the URI, ssh.identityFile or IdentityFile in the ssh configuration, or load one into an agent (SSH_AUTH_SOCK)"
      : `add the public key to the authorized_keys of ${host.user} on the host: ssh-copy-id${port} -i KEY.pub ${host.user}@${host.hostName}`,
  });
}
