import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { runAny } from "../../../lab/run.js";
import { TestLab } from "../support/lab.js";
import { PulumiProject } from "../support/pulumi.js";

const lab = new TestLab();
const USER_PASSWORD = "pass-of-the-guest-1";
const PASSPHRASE = "phrase-of-the-key-2";
let project: PulumiProject;
let key: string;
/** Where a preview leaves its plan for the update that may follow. */
let runtime: string;

before(async () => {
  await lab.start({});
  runtime = await mkdtemp(join(tmpdir(), "drover-secrets-"));
  project = await PulumiProject.create({ program: "", environment: { ...lab.lab.env, XDG_RUNTIME_DIR: runtime } });
  // The lab's own key, with a passphrase.
  const file = join(project.folder, "key");
  await runAny(["cp", join(lab.lab.directory, "id_ed25519"), file]);
  assert.equal((await runAny(["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", file])).code, 0);
  key = await readFile(file, "utf8");
});
after(async () => {
  await project.remove();
  await rm(runtime, { recursive: true });
  await lab.stop();
});

function program(passphrase: string, more = ""): string {
  return `import { Cluster, Host, StoragePool, VirtualMachine } from "drover";
const host = new Host("ash", { uri: ${JSON.stringify(lab.host("ash").host.uri)}, ssh: { privateKey: ${JSON.stringify(key)}, passphrase: "${passphrase}" } });
const path = "/var/lib/libvirt/images/${lab.name("pool")}";
const pool = new StoragePool("${lab.name("pool")}", { hosts: [host], path });
new VirtualMachine("${lab.name("vm")}", { host, memory: "64 MiB", running: false, disks: { root: { pool, size: "4 MiB" } }, ${more}
  cloudInit: { userData: { password: "${USER_PASSWORD}", ssh_pwauth: true } } });
const cluster = new Cluster("prod", { hosts: [host] });
new VirtualMachine("${lab.name("placed")}", { cluster, memory: "64 MiB", running: false, disks: { root: { pool, size: "4 MiB" } } });
`;
}

/** A line of the key that nothing else has. */
const keyLine = (): string => key.split("\n")[2] ?? "";

/** What was given in the clear is in none of these texts. */
function assertSecret(...texts: readonly string[]): void {
  for (const secret of [USER_PASSWORD, PASSPHRASE, keyLine(), `${PASSPHRASE}-wrong`]) {
    assert.ok(secret.length > 10);
    for (const text of texts) assert.ok(!text.includes(secret), `${secret} in ${text.slice(0, 2000)}`);
  }
}

/** All files in a folder. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(names.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), "utf8")));
}

it("passwords and keys that a program gives in the clear are in no state, no output and no error", async () => {
  await project.write(program(`${PASSPHRASE}-wrong`));
  const refused = await project.up();
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /passphrase/i);
  assertSecret(refused.output, JSON.stringify(await project.state()));

  await project.write(program(PASSPHRASE));
  const preview = await project.preview("--diff");
  assert.equal(preview.code, 0, preview.output);
  const handedOver = await filesIn(runtime);
  assert.equal(handedOver.length, 1);
  const made = await project.up("--diff");
  assert.equal(made.code, 0, made.output);
  const failed = await (async () => {
    await project.write(program(PASSPHRASE, 'machine: "pc-q35-99.9",'));
    return await project.up("--diff");
  })();
  assert.notEqual(failed.code, 0);
  await project.write(program(PASSPHRASE, 'unknown: 1,'));
  const invalid = await project.up();
  assert.notEqual(invalid.code, 0);
  await project.write(program(PASSPHRASE));
  const refreshed = await project.refresh("--diff");
  assert.equal(refreshed.code, 0, refreshed.output);
  assertSecret(preview.output, made.output, failed.output, invalid.output, refreshed.output, JSON.stringify(await project.state()), ...handedOver, ...(await filesIn(join(project.folder, "state"))));
  const seed = (await lab.host("ash").check(["sh", "-c", `cat /var/lib/libvirt/images/${lab.name("pool")}/*.iso`]));
  assert.ok(seed.includes(USER_PASSWORD), "the guest gets it");
});
