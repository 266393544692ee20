import { createHash } from "node:crypto";
import { homedir, hostname } from "node:os";
import { resolve } from "node:path";
import { TransportError } from "./transport-error.js";

/** The values of OpenSSH's %-tokens (ssh_config(5), TOKENS), by their letter. */
export type SshTokens = Readonly<Record<string, string>>;

/**
 * Replaces %-tokens.
 * @throws TransportError (`configuration`) for a token that has no meaning here.
 */
export function expandTokens(text: string, tokens: SshTokens): string {
  return text.replace(/%(.?)/gs, (token, letter: string) => {
    const value = Object.hasOwn(tokens, letter) ? tokens[letter] : derived(letter, tokens);
    if (value === undefined) throw new TransportError("configuration", { attempted: "read the ssh configuration", answer: `"${text}" holds ${token}, which means nothing here`, next: "write a plain % as %%" });
    return value;
  });
}

/** A file's name as ssh_config writes it: `~`, `${VARIABLE}` and %-tokens; relative to the current folder. */
export function expandPath(text: string, tokens: SshTokens): string {
  const home = text === "~" || text.startsWith("~/") ? homedir() + text.slice(1) : text;
  const withVariables = home.replace(/\$\{([^}]+)\}/g, (variable, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw new TransportError("configuration", { attempted: "read the ssh configuration", answer: `"${text}" holds ${variable}, which is not set`, next: `set ${name} in the environment` });
    return value;
  });
  return resolve(expandTokens(withVariables, tokens));
}

/** Tokens that need the machine's name, which only files use. */
function derived(letter: string, tokens: SshTokens): string | undefined {
  if (tokens["u"] === undefined) return undefined;
  if (letter === "l") return hostname();
  if (letter === "L") return hostname().split(".")[0];
  if (letter !== "C") return undefined;
  const digested = ["h", "p", "r", "j"].map((part) => tokens[part] ?? "").join("");
  return createHash("sha1").update(hostname() + digested).digest("hex");
}
