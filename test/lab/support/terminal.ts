import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./lab.js";

/** A command at a terminal of its own, as an operator sees it: for what asks before it goes on. */
export interface Terminal {
  /** Waits until the text was shown. */
  shows(text: string): Promise<void>;
  /** Types. */
  type(keys: string): void;
  /** All that was shown, once the command has ended. */
  readonly ended: Promise<string>;
}

/** Runs a command by `script` (Debian's bsdutils), which gives it a pseudo-terminal. */
export function atTerminal(command: string, folder: string, environment: NodeJS.ProcessEnv): Terminal {
  const file = join(folder, "terminal.log");
  const child = spawn("script", ["-qefc", command, file], { cwd: folder, env: { ...environment, TERM: "xterm" }, stdio: ["pipe", "ignore", "ignore"] });
  const shown = async (): Promise<string> => await readFile(file, "utf8").catch(() => "");
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => { shown().then(async (text) => { await rm(file, { force: true }); return text; }).then(resolve, reject); });
  });
  return {
    shows: (text) => eventually(`"${text}" at the terminal`, async () => ((await shown()).includes(text) ? true : undefined), 120_000).then(() => {}),
    type: (keys) => { child.stdin.write(keys); },
    ended,
  };
}
