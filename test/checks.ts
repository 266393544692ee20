import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

/** What is checked of the sources as a whole. */
export interface Check {
  readonly name: string;
  /** What is wrong, or undefined. */
  run(repository: string, signal: AbortSignal): Promise<string | undefined>;
}

export const checks: readonly Check[] = [
  { name: "lint", run: (repository, signal) => node(repository, signal, ["node_modules/eslint/bin/eslint.js", "."]) },
  { name: "types of the package and its tests", run: (repository, signal) => tsc(repository, signal, "tsconfig.json", "--noEmit") },
  { name: "types of set-up", run: (repository, signal) => tsc(repository, signal, "lab/setup") },
  { name: "types of the examples", run: (repository, signal) => tsc(repository, signal, "examples") },
  { name: "generated files are fresh", run: (repository, signal) => node(repository, signal, ["dist/scripts/generate.js", "--check"]) },
  { name: "schema.json is a Pulumi package schema", run: (repository, signal) => succeeds(repository, signal, "pulumi", ["schema", "check", "schema.json"]) },
];

function tsc(repository: string, signal: AbortSignal, project: string, ...options: readonly string[]): Promise<string | undefined> {
  return node(repository, signal, [join("node_modules", "typescript", "bin", "tsc"), "-p", project, ...options]);
}

function node(repository: string, signal: AbortSignal, args: readonly string[]): Promise<string | undefined> {
  return succeeds(repository, signal, process.execPath, args);
}

/** What a command that failed wrote; undefined when it succeeded. */
function succeeds(repository: string, signal: AbortSignal, program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: repository, signal, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => { output += text; });
    child.once("error", (error) => { resolve(`${program}: ${error.message}`); });
    child.once("close", (code) => { resolve(code === 0 ? undefined : output); });
  });
}
