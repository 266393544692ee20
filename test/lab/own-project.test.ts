import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { packageRoot } from "../../lab/place.js";
import { httpGet, useLab } from "./support/lab.js";

const runFile = promisify(execFile);

/** Pulumi's plain TypeScript template, as `pulumi new typescript` writes it. */
const template = {
  "Pulumi.yaml": "name: own\ndescription: A minimal TypeScript Pulumi program\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n",
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true, outDir: "bin", target: "es2020", module: "commonjs", moduleResolution: "node", sourceMap: true,
      experimentalDecorators: true, pretty: true, noFallthroughCasesInSwitch: true, noImplicitReturns: true, forceConsistentCasingInFileNames: true,
    },
    files: ["index.ts"],
  }),
};

describe("a project of a user's own, made from Pulumi's template", () => {
  const lab = useLab();

  test("installs the packed package, and ten lines make a VM that answers", { timeout: 300_000 }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "drover-own-"));
    const environment = {
      ...process.env, PULUMI_BACKEND_URL: `file://${join(folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "own", PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_STACK: "dev", ...lab.lab.env,
    };
    const run = async (program: string, ...args: string[]): Promise<string> => {
      const { stdout } = await runFile(program, args, { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 });
      return stdout;
    };
    t.after(() => rm(folder, { recursive: true, force: true }));

    await runFile("npm", ["pack", "--pack-destination", folder], { cwd: packageRoot() });
    const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
    assert.ok(tarball !== undefined, "npm pack wrote a tarball");
    await mkdir(join(folder, "state"));
    for (const [name, text] of Object.entries(template)) await writeFile(join(folder, name), text);
    await writeFile(join(folder, "package.json"), JSON.stringify({
      name: "own", main: "index.ts",
      devDependencies: { "@types/node": "^24", typescript: "^5.0.0" },
      dependencies: { "@pulumi/pulumi": "^3.113.0", drover: `file:${tarball}` },
    }));
    const name = lab.name("own");
    await writeFile(join(folder, "index.ts"), `
import { Host, Image, StoragePool, VirtualMachine } from "drover";

const host = new Host("ash", { uri: "qemu+ssh://root@ash/system" });
const disks = new StoragePool("${name}", { hosts: [host], type: "dir", path: "/srv/${name}", build: true });
const image = new Image("tiny", { pool: disks, source: ${JSON.stringify(lab.lab.images.tiny)} });
const vm = new VirtualMachine("${name}", {
  host, memory: "128 MiB", disks: { root: { image } }, nics: { lan: { bridge: "br0" } }, cloudInit: {}, waitForIp: { timeoutSeconds: 120 },
});
export const address = vm.ipAddress;
`);
    await run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline");
    await run("npx", "tsc", "--noEmit");
    await run("pulumi", "stack", "init", "dev", "--no-select", "--non-interactive");
    try {
      await run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive");
      const address = (await run("pulumi", "stack", "output", "address")).trim();
      assert.equal((await httpGet(address)).trim(), name);
      assert.match(await run("pulumi", "preview", "--non-interactive"), /\d+ unchanged/);
    } finally {
      await run("pulumi", "destroy", "--yes", "--skip-preview", "--non-interactive");
    }
    assert.doesNotMatch(await lab.host("ash").virsh(["list", "--all", "--name"]), new RegExp(`^${name}$`, "m"));
  });
});
