import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import sshConfig, { type Line, LineType } from "ssh-config";
import { messageOf } from "../base/error.js";
import { matchesPattern, matchesPatternList } from "./ssh-pattern.js";
import { expandPath } from "./ssh-tokens.js";
import { TransportError } from "./transport-error.js";

/** The settings that hold for one host, in the order of the files. Keywords are in lower case. */
export class SshDirectives {
  readonly #found: { readonly keyword: string; readonly words: readonly string[]; readonly file: string }[] = [];

  add(keyword: string, words: readonly string[], file: string): void {
    this.#found.push({ keyword, words, file });
  }

  /** The value that counts: the first. */
  first(keyword: string): string | undefined {
    return this.words(keyword)?.join(" ");
  }

  /** The value that counts, as a list: a quoted word may hold blanks. */
  words(keyword: string): readonly string[] | undefined {
    return this.#found.find((directive) => directive.keyword === keyword)?.words;
  }

  all(keyword: string): string[] {
    return this.#found.filter((directive) => directive.keyword === keyword).map((directive) => directive.words.join(" "));
  }

  /** Which of several keywords comes first. */
  firstOf(keywords: readonly string[]): string | undefined {
    return this.#found.find((directive) => keywords.includes(directive.keyword))?.keyword;
  }

  /** The file that holds the value that counts. */
  where(keyword: string): string {
    return this.#found.find((directive) => directive.keyword === keyword)?.file ?? "the ssh configuration";
  }
}

/** Whose settings are looked for. */
interface Subject {
  readonly host: string;
  readonly user: string | undefined;
  readonly localUser: string;
}

interface Source {
  readonly file: string;
  /** Where files that it includes by a relative name are. */
  readonly includeFolder: string;
  readonly depth: number;
}

const DEEPEST_INCLUDE = 16;

/**
 * Reads the settings for one host: from `configFile`, else from the file that `DROVER_SSH_CONFIG` names, else from the
 * user's and then the system's configuration. `Match` knows all, host, originalhost, user and localuser; a block with another
 * criterion (such as exec, which would run a command) does not match.
 */
export async function readSshDirectives(subject: Subject & { readonly configFile: string | undefined }): Promise<SshDirectives> {
  const directives = new SshDirectives();
  const userFolder = join(homedir(), ".ssh");
  const fromEnvironment = process.env["DROVER_SSH_CONFIG"];
  const named = subject.configFile ?? (fromEnvironment === "" ? undefined : fromEnvironment);
  if (named !== undefined) {
    await readSource({ file: expandPath(named, { "%": "%" }), includeFolder: userFolder, depth: 0 }, subject, directives, true);
    return directives;
  }
  await readSource({ file: join(userFolder, "config"), includeFolder: userFolder, depth: 0 }, subject, directives, false);
  await readSource({ file: "/etc/ssh/ssh_config", includeFolder: "/etc/ssh", depth: 0 }, subject, directives, false);
  return directives;
}

async function readSource(source: Source, subject: Subject, directives: SshDirectives, mustExist: boolean): Promise<void> {
  const attempted = `read the ssh configuration ${source.file}`;
  let text: string;
  try {
    text = await readFile(source.file, "utf8");
  } catch (error) {
    if (!mustExist && error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw new TransportError("configuration", { attempted, host: subject.host, answer: messageOf(error), next: "correct the file's name in ssh.configFile or DROVER_SSH_CONFIG, or make it readable", cause: error });
  }
  let lines: Line[];
  try {
    lines = sshConfig.parse(text);
  } catch (error) {
    throw new TransportError("configuration", { attempted, host: subject.host, answer: messageOf(error), next: "correct the file; \"ssh -G HOST\" shows how ssh reads it", cause: error });
  }
  await collect(lines, source, subject, directives);
}

async function collect(lines: readonly Line[], source: Source, subject: Subject, directives: SshDirectives): Promise<void> {
  for (const line of lines) {
    if (line.type !== LineType.DIRECTIVE) continue;
    const keyword = line.param.toLowerCase();
    const words = typeof line.value === "string" ? [line.value] : line.value.map(({ val }) => val);
    if ("config" in line) {
      const applies = keyword === "host" ? matchesPatternList(words.flatMap((word) => word.split(/\s+/)), subject.host) : matchesCriteria(words, subject, directives);
      if (applies) await collect(line.config, source, subject, directives);
    } else if (keyword === "include") {
      for (const file of await includedFiles(words, source)) {
        if (source.depth >= DEEPEST_INCLUDE) throw new TransportError("configuration", { attempted: `read the ssh configuration ${source.file}`, host: subject.host, answer: `files include each other more than ${DEEPEST_INCLUDE} deep`, next: "remove the loop" });
        await readSource({ file, includeFolder: source.includeFolder, depth: source.depth + 1 }, subject, directives, false);
      }
    } else {
      directives.add(keyword, words, source.file);
    }
  }
}

/** `Match` criteria: each keyword with its pattern list, all of which must hold. */
function matchesCriteria(words: readonly string[], subject: Subject, directives: SshDirectives): boolean {
  const rest = words.flatMap((word) => word.split(/\s+/));
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    const negated = word.startsWith("!");
    const criterion = (negated ? word.slice(1) : word).toLowerCase();
    if (criterion === "all") continue;
    const text = criterion === "host" ? (directives.first("hostname") ?? subject.host)
      : criterion === "originalhost" ? subject.host
      : criterion === "user" ? (subject.user ?? directives.first("user") ?? subject.localUser)
      : criterion === "localuser" ? subject.localUser
      : undefined;
    const patterns = rest.shift();
    if (text === undefined || patterns === undefined) return false;
    if (matchesPatternList(patterns.split(","), text) === negated) return false;
  }
  return true;
}

async function includedFiles(patterns: readonly string[], source: Source): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const path = pattern.startsWith("~") || pattern.includes("${") ? expandPath(pattern, { "%": "%" }) : pattern;
    found.push(...await expandGlob(isAbsolute(path) ? resolve(path) : resolve(source.includeFolder, path)));
  }
  return found;
}

/** The files that match an absolute pattern with `*` and `?`, in the order of their names. */
async function expandGlob(pattern: string): Promise<string[]> {
  let found = ["/"];
  for (const segment of pattern.split("/").filter((part) => part !== "")) {
    if (!/[*?]/.test(segment)) {
      found = found.map((folder) => join(folder, segment));
      continue;
    }
    const matches = await Promise.all(found.map(async (folder) => {
      // A folder that is not there or cannot be read has no files to include, as for ssh.
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => (!name.startsWith(".") || segment.startsWith(".")) && matchesPattern(segment, name)).sort().map((name) => join(folder, name));
    }));
    found = matches.flat();
  }
  return found;
}
