import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { labDown } from "../../lab/down.js";
import { findMachines } from "../../lab/machine.js";
import { labPlace, packageRoot } from "../../lab/place.js";

const runFile = promisify(execFile);

/** The environment of a fresh shell: nothing of this run's settings, and the machine's own programs. */
const freshEnvironment = {
  HOME: process.env["HOME"] ?? "/root",
  PATH: (process.env["PATH"] ?? "").split(":").filter((folder) => !folder.startsWith(packageRoot()) && !folder.includes("/.pulumi/")).join(":"),
};

/** Runs lines as a fresh shell that somebody pastes them into, stopping at the first that fails. */
function paste(lines: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/bash", ["--noprofile", "--norc", "-e"], { cwd: "/", env: freshEnvironment, stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => { output += text; });
    child.once("error", reject);
    child.once("close", (code) => { resolve({ code: code ?? 128, output }); });
    child.stdin.end(`${lines.join("\n")}\n`);
  });
}

describe("npm start and npm run stop in a clean copy of the repository", () => {
  let folder = "";

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "drover-clone-")));
    const { stdout } = await runFile("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: packageRoot() });
    for (const file of stdout.split("\0").filter((name) => name !== "" && existsSync(join(packageRoot(), name)))) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await cp(join(packageRoot(), file), join(folder, file));
    }
    await symlink(await realpath(join(packageRoot(), "node_modules")), join(folder, "node_modules"));
  });

  after(async () => {
    await labDown(labPlace("lab", folder));
    await rm(folder, { recursive: true, force: true });
  });

  let started = "";

  test("npm start ends with running VMs that answer by their names", { timeout: 300_000 }, async () => {
    const { code, output } = await paste([`cd ${folder}`, "npm start"]);
    started = output;
    assert.equal(code, 0, output);
    for (const [i, host] of ["ash", "birch", "cedar"].entries()) {
      assert.match(output, new RegExp(`^ *web-${i} +${host} +[0-9.]+ +web-${i}$`, "m"));
    }
  });

  test("a second npm start changes nothing", { timeout: 120_000 }, async () => {
    const { code, output } = await paste([`cd ${folder}`, "npm start"]);
    assert.equal(code, 0, output);
    assert.match(output, /Resources:\s+\d+ unchanged\s+Duration/);
  });

  test("its hosts have fence devices that answer", { timeout: 60_000 }, async () => {
    const { code, output } = await paste([`cd ${folder}`, ". .drover/env", "npx drover fence ash --action status"]);
    assert.equal(code, 0, output);
    assert.match(output, /ash: fence_ipmilan says on/);
  });

  test("what it says to try next works when it is pasted into a fresh shell, and stop leaves nothing", { timeout: 400_000 }, async () => {
    const lines = started.slice(started.indexOf("What to try next")).split("\n").filter((line) => line.startsWith("  ")).map((line) => line.slice(2));
    for (const expected of ["npm run preview", "npm run up", "npm run destroy", "npx drover lab status", "npm run stop", "pulumi preview"]) {
      assert.ok(lines.some((line) => line.includes(expected)), `${expected} is among:\n${lines.join("\n")}`);
    }
    const { code, output } = await paste(lines);
    assert.equal(code, 0, output);

    const place = labPlace("lab", folder);
    assert.equal((await findMachines(place)).size, 0, "a machine of the lab is left");
    assert.equal(existsSync(join("/sys/class/net", place.clientInterface)), false, "the lab's interface is left");
    assert.equal(existsSync(place.directory), false, "the lab's folder is left");
    assert.equal(existsSync(place.runDirectory), false, "the lab's sockets are left");
    assert.equal((await readFile("/proc/self/mounts", "utf8")).includes(folder), false, "a mount is left");
    assert.deepEqual(await processesThatName(folder), []);
    assert.equal(existsSync(join(folder, "Pulumi.lab.yaml")), false, "the stack's settings are left");
  });
});

/** Command lines of the processes that name a folder. */
async function processesThatName(folder: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "")));
  return commands.filter((command) => command.includes(folder)).map((command) => command.replaceAll("\0", " "));
}
