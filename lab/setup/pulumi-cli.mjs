import { copyFile, chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { nodeFolder } from "./node-runtime.mjs";
import { pulumiVersion, pulumiVersionFolder, root } from "./place.mjs";
import { atLeast, capture, isExecutable, onPath } from "./process.mjs";
import { say, StepError } from "./step.mjs";

const cli = "pulumi";
const languageHost = "pulumi-language-nodejs";
/** Starts the process that serves dynamic resources; the engine looks for it beside itself. */
const dynamicProvider = "pulumi-resource-pulumi-nodejs";
const programs = [cli, languageHost, dynamicProvider];

const installedFolder = join(pulumiVersionFolder, "bin");
const byHand = `install Pulumi ${pulumiVersion} or newer as https://www.pulumi.com/docs/install/ says, so that \`pulumi version\` works, and run this again`;

/** The last module of Pulumi's SDK that has the Node language host in it; later ones are not on Go's module proxy. */
const languageHostVersion = "3.60.0";

/**
 * The folder of the `pulumi` that programs here run with: the one on PATH when it is recent enough, else the installed one.
 * @returns {Promise<string>}
 */
export async function pulumiFolder() {
  return (await recentOnPath())?.folder ?? installedFolder;
}

/** Installs the Pulumi CLI when the machine has none that is recent enough: the official download, else a build with Go. */
export async function installPulumi() {
  const own = await recentOnPath();
  if (own !== undefined) return `${own.version} on PATH`;
  if (isComplete(installedFolder)) return `${pulumiVersion} in ${installedFolder}`;

  const failure = await download();
  if (failure === undefined) return `downloaded ${pulumiVersion} into ${installedFolder}`;
  say(`    the official download failed (${failure}): building it with Go, which takes some five minutes`);
  await buildWithGo();
  return `built ${pulumiVersion} with Go into ${installedFolder}`;
}

/** @returns {Promise<{ folder: string, version: string } | undefined>} */
async function recentOnPath() {
  const program = onPath(cli);
  if (program === undefined || dirname(program) === installedFolder || onPath(languageHost) === undefined) return undefined;
  const asked = await capture([program, "version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" }, timeoutMs: 30_000 });
  const version = asked.stdout.trim();
  return asked.code === 0 && atLeast(version, pulumiVersion) ? { folder: dirname(program), version } : undefined;
}

/** @param {string} folder */
function isComplete(folder) {
  return programs.every((program) => isExecutable(join(folder, program)));
}

/**
 * Has the npm package `pulumi` do its download, in a folder aside.
 * @returns {Promise<string | undefined>} why it failed
 */
async function download() {
  const origin = "https://get.pulumi.com/install.sh";
  try {
    const answer = await fetch(origin, { method: "HEAD", signal: AbortSignal.timeout(15_000) });
    if (!answer.ok) return `${origin} answered ${String(answer.status)}`;
  } catch {
    return `${origin} cannot be reached`;
  }
  const staging = `${pulumiVersionFolder}.partial`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  await writeFile(join(staging, "package.json"), '{ "private": true }\n');
  const fetched = await capture(["npm", "install", "--prefix", staging, "--no-audit", "--no-fund", `pulumi@${pulumiVersion}`], { cwd: staging });
  if (fetched.code !== 0) return `npm install pulumi@${pulumiVersion}: ${lastLine(fetched.stderr)}`;
  const run = await capture([process.execPath, join(staging, "node_modules", "pulumi", "run.js"), "version"], {
    cwd: staging, timeoutMs: 600_000,
    env: { ...process.env, PULUMI_HOME: staging, PULUMI_VERSION: pulumiVersion, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const bin = join(staging, "versions", pulumiVersion, "bin");
  if (run.code !== 0 || !isExecutable(join(bin, cli))) return lastLine(run.stderr);
  await finish(bin);
  await rm(staging, { recursive: true, force: true });
  return undefined;
}

/** Builds the CLI and the Node language host from their published Go modules, in a folder aside. */
async function buildWithGo() {
  const go = onPath("go") ?? onPath("go", "/usr/local/go/bin");
  if (go === undefined) throw new StepError(`there is no Go on this machine to build the Pulumi CLI with`, byHand);
  const staging = `${pulumiVersionFolder}.partial`;
  const bin = join(staging, "bin");
  const sdk = "github.com/pulumi/pulumi/sdk/v3";
  await rm(staging, { recursive: true, force: true });
  await buildModule(go, staging, {
    requires: [`github.com/pulumi/pulumi/pkg/v3 v${pulumiVersion}`, `${sdk} v${pulumiVersion}`],
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    linkerFlags: `-s -w -X ${sdk}/go/common/version.Version=v${pulumiVersion}`,
    output: join(bin, cli),
  });
  await buildModule(go, staging, {
    requires: [`${sdk} v${languageHostVersion}`],
    package: `${sdk}/nodejs/cmd/pulumi-language-nodejs`,
    linkerFlags: "-s -w",
    output: join(bin, languageHost),
  });
  await finish(bin);
  await rm(staging, { recursive: true, force: true });
}

/**
 * Builds one program in a throw-away module.
 * @param {string} go
 * @param {string} staging
 * @param {{ requires: readonly string[], package: string, linkerFlags: string, output: string }} what
 */
async function buildModule(go, staging, what) {
  const folder = join(staging, "module");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const requires = what.requires.map((line) => `\t${line}\n`).join("");
  await writeFile(join(folder, "go.mod"), `module throwaway\n\ngo 1.24\n\nrequire (\n${requires})\n`);
  const done = await capture([go, "build", "-mod=mod", "-trimpath", "-ldflags", what.linkerFlags, "-o", what.output, what.package], {
    cwd: folder, env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "" },
  });
  if (done.code !== 0) throw new StepError(`go build ${what.package} failed:\n${done.stderr}`, byHand);
}

/**
 * Adds what a build or download may lack, tries it, and puts the folder in its place in one go (it is on the same file
 * system): what is there is whole.
 * @param {string} bin
 */
async function finish(bin) {
  const script = join(bin, dynamicProvider);
  if (!isExecutable(script)) {
    await copyFile(join(root, "node_modules", "@pulumi", "pulumi", dynamicProvider), script);
    await chmod(script, 0o755);
  }
  const asked = await capture([join(bin, cli), "version"], { env: { ...process.env, PATH: `${nodeFolder()}:${process.env["PATH"] ?? ""}`, PULUMI_SKIP_UPDATE_CHECK: "true" } });
  if (asked.code !== 0 || !isComplete(bin)) throw new StepError(`the pulumi in ${bin} does not run: ${asked.stderr}`, byHand);
  await mkdir(pulumiVersionFolder, { recursive: true });
  await rm(installedFolder, { recursive: true, force: true });
  await rename(bin, installedFolder);
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split("\n").at(-1) ?? "";
}
