/**
 * Runs every test, or those whose file's path contains one of the given patterns, prints as it goes, and ends with the
 * line `N passed, N failed, N skipped`. It is started by `npm test`, which has set everything up and built.
 *
 * Unit and contract tests run two files at a time. Lab tests share one lab, two files at a time; those that are named
 * `*.alone.test.ts` load the machine or measure time, and run one by one; those that are named `*.waiting.test.ts` only wait, for
 * minutes, in a lab of their own, and run beside the others.
 */
import { existsSync, globSync, readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { silentLog } from "../provider/base/log.js";
import { messageOf } from "../provider/base/error.js";
import { labDown } from "../lab/down.js";
import { labFile } from "../lab/model.js";
import { labPlace } from "../lab/place.js";
import { labUp } from "../lab/up.js";
import { checks } from "./checks.js";

/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = 15 * 60_000;

/** Lab tests at a time. With more of them emulated guests are so slow that tests give up waiting. */
const LAB_FILES = 2;

/** So many files are named at the end of a part, with the time that each took. */
const SLOWEST = 12;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const NOTHING: Readonly<Counts> = { passed: 0, failed: 0, skipped: 0 };

const repository = join(import.meta.dirname, "..", "..");
const patterns = process.argv.slice(2);
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => { interruption.abort(); });

// Hundreds of processes load the same modules, Pulumi's own among them: compiled once, they begin a third sooner.
process.env["NODE_COMPILE_CACHE"] ??= join(repository, ".drover", "compile-cache");

let total = NOTHING;
for (const part of [runChecks, runUnitTests, runLabTests]) {
  if (interruption.signal.aborted) break;
  total = sum(total, await part());
}
if (interruption.signal.aborted) {
  console.log("\ninterrupted");
  total = sum(total, { ...NOTHING, failed: 1 });
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
// A test file that hangs on to something does not hold the run.
process.exit(total.failed === 0 ? 0 : 1);

/** Lint, types and generated files, each counted as one test. */
async function runChecks(): Promise<Counts> {
  const counts = { ...NOTHING };
  for (const check of checks.filter(({ name }) => isWanted(`checks/${name}`))) {
    const startMs = performance.now();
    const complaint = await check.run(repository, interruption.signal);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    console.log(`${complaint === undefined ? "✔" : "✖"} ${check.name} (${seconds} s)${complaint === undefined ? "" : `\n${complaint}`}`);
    counts[complaint === undefined ? "passed" : "failed"] += 1;
  }
  return counts;
}

async function runUnitTests(): Promise<Counts> {
  return runFiles([...testFiles("unit"), ...testFiles("contract")], 2);
}

/** The lab tests, on a lab of the run's own that is taken down however they end. */
async function runLabTests(): Promise<Counts> {
  const files = testFiles("lab");
  if (files.length === 0) return NOTHING;
  const obstacle = process.env["DROVER_NO_LAB"];
  if (obstacle !== undefined) {
    console.log(`skipped ${files.length} files of lab tests: the lab needs root on Linux, and ${obstacle}`);
    return { passed: 0, failed: 0, skipped: files.length };
  }
  await removeTestLabs();
  try {
    const place = labPlace("test", repository);
    const lab = await labUp(place, {}, { ...silentLog, info: (message) => { console.log(message); } });
    process.env["DROVER_LAB_JSON"] = labFile(place);
    Object.assign(process.env, lab.env);
    const isAlone = (file: string): boolean => file.endsWith(".alone.test.js");
    const isWaiting = (file: string): boolean => file.endsWith(".waiting.test.js");
    const ofThoseThatWait: string[] = [];
    const [together, waiting] = await Promise.all([
      runFiles(files.filter((file) => !isAlone(file) && !isWaiting(file)), Math.max(LAB_FILES, Math.floor(cpus().length / 2))),
      runFiles(files.filter(isWaiting), 1, (text) => { ofThoseThatWait.push(text); }),
    ]);
    print(ofThoseThatWait.join(""));
    const alone = interruption.signal.aborted ? NOTHING : await runFiles(files.filter(isAlone), 1);
    return [together, waiting, alone].reduce(sum);
  } catch (error) {
    console.log(`✖ the lab for the tests\n${messageOf(error)}`);
    return { passed: 0, failed: 1, skipped: files.length };
  } finally {
    await removeTestLabs();
  }
}

/** Takes down the run's lab, and what files with a lab of their own left when they were killed. */
async function removeTestLabs(): Promise<void> {
  const labs = join(repository, ".drover", "lab");
  const names = existsSync(labs) ? readdirSync(labs) : [];
  for (const name of names.filter((lab) => /^test(-|$)/.test(lab))) await labDown(labPlace(name, repository));
}

function testFiles(kind: "unit" | "contract" | "lab"): string[] {
  const folder = join(import.meta.dirname, kind);
  return globSync("**/*.test.js", { cwd: folder }).sort().filter((file) => isWanted(join(kind, file.replace(/js$/, "ts")))).map((file) => join(folder, file));
}

function isWanted(name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => `test/${name}`.includes(pattern));
}

function sum(one: Readonly<Counts>, other: Readonly<Counts>): Counts {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed, skipped: one.skipped + other.skipped };
}

function print(text: string): void {
  process.stdout.write(text);
}

/** @param tell gets the words of the run as they come */
async function runFiles(files: readonly string[], concurrency: number, tell = print): Promise<Counts> {
  const counts = { ...NOTHING };
  if (files.length === 0) return counts;
  tell(`\n${files.length} files, ${concurrency} at a time: ${files.map((file) => relative(import.meta.dirname, file)).join(", ")}\n`);
  const startMs = performance.now();
  const durations: { readonly file: string; readonly seconds: number }[] = [];
  const stream = run({ files, concurrency, timeout: FILE_TIMEOUT_MS, signal: interruption.signal });
  stream.on("test:summary", (summary) => {
    // The summary of one file names it; the one of the run does not.
    if (summary.file !== undefined) {
      durations.push({ file: relative(import.meta.dirname, summary.file), seconds: Math.round(summary.duration_ms / 1000) });
      return;
    }
    counts.passed = summary.counts.passed;
    counts.skipped = summary.counts.skipped + summary.counts.todo;
    counts.failed = summary.counts.tests - counts.passed - counts.skipped;
  });
  for await (const text of stream.compose(new spec())) tell(String(text));
  const slowest = durations.sort((left, right) => right.seconds - left.seconds).slice(0, SLOWEST).map(({ file, seconds }) => `${file} ${seconds} s`);
  tell(`${files.length} files in ${Math.round((performance.now() - startMs) / 1000)} s; the slowest: ${slowest.join(", ")}\n`);
  return counts;
}
