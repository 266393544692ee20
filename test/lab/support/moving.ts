import assert from "node:assert/strict";
import type { EventEmitter } from "node:events";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chown, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { HostAddress } from "../../../provider/inventory/hosts.js";
import { DomainDocument } from "../../../provider/xml/index.js";
import type { PlacementInputs } from "../../../provider/schema/index.js";
import type { MovePhase } from "../../../provider/apply/migrate/index.js";
import { eventually, httpGet, type TestLab } from "./lab.js";

const OWNER = "11111111-1111-4111-8111-111111111111";

/** A host of the lab as the provider reaches it. */
export function addressOf(lab: TestLab, name: string): HostAddress & { readonly ssh: object } {
  return { name, uri: lab.host(name).host.uri, owner: OWNER, ssh: { configFile: lab.lab.ssh.config } };
}

/** A cluster of all of a lab's hosts with one guest, `web`, as a program would declare it. */
export function clusterOf(lab: TestLab, guest: MovingGuest, more: Partial<PlacementInputs> = {}): PlacementInputs {
  return {
    cluster: "prod", owner: OWNER, hosts: lab.hosts.map(({ name }) => ({ host: addressOf(lab, name) })), policy: "none", rebalance: false, cpuBaseline: "keep", onUnreachable: "fail",
    vms: { web: { key: guest.key, vcpus: 1, memory: "128 MiB", running: true } }, ...more,
  };
}

/** A guest with our mark, made straight through libvirt, and what its client sees of it. */
export class MovingGuest {
  readonly uuid: string;
  readonly name: string;
  /** By which its mark names it. */
  readonly key: string;
  readonly #lab: TestLab;
  readonly #mac: string;
  #address: string | undefined;

  constructor(lab: TestLab, base: string) {
    this.#lab = lab;
    this.name = lab.name(base);
    this.key = `drover:VirtualMachine::${this.name}`;
    const digest = createHash("sha256").update(`${lab.lab.directory} ${this.name}`).digest("hex");
    this.uuid = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
    this.#mac = ["52", "54", "00", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(":");
  }

  get address(): string {
    assert.ok(this.#address !== undefined, "the guest was started");
    return this.#address;
  }

  /** Defines and starts it, and waits until it answers, unless only its QEMU is wanted. */
  async start(host: string, { memoryMiB = 128, cache = "none", boots = true } = {}): Promise<void> {
    const there = this.#lab.host(host);
    const file = `${this.#lab.lab.sharedPath}/${this.name}.qcow2`;
    await there.check(["cp", "--sparse=always", this.#lab.lab.images.tiny, file]);
    await there.virsh(["define", "/dev/stdin"], this.#xml(file, memoryMiB, cache));
    await there.virsh(["start", this.name]);
    if (!boots) return;
    this.#address = await eventually("a lease", () => this.#lab.addressOf(this.#mac), 120_000);
    await httpGet(this.#address, "/", 60_000);
  }

  /** Lets it write so many MiB of its memory over and over; 0 ends it. */
  async dirty(mib: number): Promise<void> {
    await httpGet(this.address, `/dirty/${mib}`);
  }

  /** How it is on each host: `ash: running`, `birch: shut off, marked`; hosts that know nothing of it, or are off, are left out. */
  async places(): Promise<string[]> {
    const lines = await Promise.all(this.#lab.hosts.map(async (host) => {
      if (!await host.isRunning()) return [];
      const { stdout, code } = await host.exec(["virsh", "--quiet", "domstate", "--reason", this.name]);
      if (code !== 0) return [];
      const journal = await Promise.all([[], ["--inactive"]].map(async (form) => (await host.exec(["virsh", "--quiet", "dumpxml", ...form, this.name])).stdout.includes(`"move":`) || undefined));
      const persistent = (await host.exec(["virsh", "dominfo", this.name])).stdout.includes("Persistent:     yes");
      const state = stdout.trim().replace(/^running.*/, "running");
      return [`${host.name}: ${state}${persistent ? "" : ", transient"}${journal.some((each) => each === true) ? ", journal" : ""}`];
    }));
    return lines.flat();
  }

  /** Takes it off every host that answers. */
  async remove(): Promise<void> {
    for (const host of this.#lab.hosts) {
      if (!await host.isRunning()) continue;
      await host.exec(["virsh", "destroy", this.name]);
      await host.exec(["virsh", "undefine", this.name]);
    }
    await this.#lab.hosts[0]?.exec(["rm", "-f", `${this.#lab.lab.sharedPath}/${this.name}.qcow2`]);
  }

  #xml(file: string, memoryMiB: number, cache: string): string {
    const xml = `<domain type="qemu">
  <name>${this.name}</name><uuid>${this.uuid}</uuid>
  <memory unit="MiB">${memoryMiB}</memory>
  <vcpu>1</vcpu>
  <os><type arch="x86_64" machine="q35">hvm</type><boot dev="hd"/></os>
  <features><acpi/><apic/></features>
  <devices>
    <disk type="file"><driver name="qemu" type="qcow2" cache="${cache}"/><source file="${file}"/><target dev="vda" bus="virtio"/></disk>
    <interface type="bridge"><mac address="${this.#mac}"/><source bridge="${this.#lab.lab.guestNetwork.bridge}"/><model type="virtio"/></interface>
    <serial type="pty"/>
  </devices>
</domain>`;
    return DomainDocument.parse(xml).apply({ mark: { owner: OWNER, urn: this.key, version: 1 } }).format();
  }
}

/** A client that holds one TCP connection to a guest and reads its count. */
export class CounterClient {
  readonly #socket: Socket;
  readonly #boots = new Set<string>();
  #next = 0;
  #missed = 0;
  #last = performance.now();
  #longest = 0;
  #end: string | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", (error) => { this.#end = error.message; });
    socket.on("close", () => { this.#end ??= "the guest closed the connection"; });
    createInterface({ input: socket }).on("line", (line) => {
      const [boot = "", count = ""] = line.split(" ");
      this.#boots.add(boot);
      if (Number(count) !== this.#next) this.#missed += 1;
      this.#next = Number(count) + 1;
      this.#longest = Math.max(this.#longest, performance.now() - this.#last);
      this.#last = performance.now();
    });
  }

  static async connect(guest: { readonly address: string }): Promise<CounterClient> {
    const client = new CounterClient(connect({ host: guest.address, port: 7 }));
    await client.advances();
    client.#longest = 0;
    return client;
  }

  /** Counts silences anew. */
  forget(): void {
    this.#longest = 0;
  }

  /** The longest time between two lines, in milliseconds. */
  get longestSilenceMs(): number {
    return Math.round(this.#longest);
  }

  /** Waits until the count has gone on: the guest lives, in the same life, and the connection too. */
  async advances(by = 5, timeoutMs = 60_000): Promise<void> {
    const goal = this.#next + by;
    await eventually(`the count's ${goal}`, () => {
      assert.equal(this.#end, undefined, "the connection is the same");
      return Promise.resolve(this.#next >= goal ? true : undefined);
    }, timeoutMs);
    assert.equal(this.#missed, 0, "no number was left out or came twice");
    assert.equal(this.#boots.size, 1, "it is one life of the guest");
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** What another process is to do. */
export interface MoveTask {
  readonly task: "move" | "recover";
  readonly uuid: string;
  readonly name: string;
  readonly from: HostAddress;
  readonly to: HostAddress;
  readonly options?: Record<string, unknown>;
  /** The process kills itself so long after this phase was begun. */
  readonly killAt?: { readonly phase: MovePhase; readonly afterMs: number };
}

/** How the process ended: what it printed, or that it was killed. */
export type MoveResult = { readonly killed: true } | { readonly outcome: unknown } | { readonly error: string };

/** `nobody`: not the one whose run was cut off. */
const OTHER_USER = { uid: 65_534, gid: 65_534 };

/**
 * Runs a move in a process of its own with an empty home; a recovery as another user, where that one can read the repository at all.
 * @param signals what is sent to the process, when it is emitted
 */
export async function inAnotherProcess(task: MoveTask, signals?: EventEmitter<{ signal: [NodeJS.Signals] }>): Promise<MoveResult> {
  const home = await mkdtemp(join(tmpdir(), "drover-move-"));
  const script = join(import.meta.dirname, "move-child.js");
  const user = task.task === "recover" && spawnSync(process.execPath, ["--check", script], OTHER_USER).status === 0 ? OTHER_USER : undefined;
  try {
    const hosts = user === undefined ? {} : { from: await lent(task.from, home), to: await lent(task.to, home) };
    if (user !== undefined) await chown(home, user.uid, user.gid);
    const child = spawn(process.execPath, [script, JSON.stringify({ ...task, ...hosts })], { env: { PATH: process.env["PATH"], HOME: home }, stdio: ["ignore", "pipe", "pipe"], ...user });
    signals?.on("signal", (signal) => { child.kill(signal); });
    const texts = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => { texts.stdout += chunk.toString(); });
    child.stderr.on("data", (chunk: Buffer) => { texts.stderr += chunk.toString(); });
    const signal = await new Promise<string | null>((resolve) => { child.once("close", (_code, by) => { resolve(by); }); });
    if (signal === "SIGKILL") return { killed: true };
    const last = texts.stdout.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("{")) throw new Error(`the process ended without a result: ${texts.stderr}`);
    return JSON.parse(last) as MoveResult;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** A host as another user reaches it, with copies of the lab's key and known hosts in a home of theirs. */
async function lent(host: HostAddress, home: string): Promise<HostAddress> {
  const config = host.ssh?.configFile;
  assert.ok(config !== undefined);
  for (const name of ["id_ed25519", "known_hosts"]) {
    await copyFile(join(dirname(config), name), join(home, name));
    await chown(join(home, name), OTHER_USER.uid, OTHER_USER.gid);
  }
  const copy = join(home, "ssh_config");
  await writeFile(copy, (await readFile(config, "utf8")).replaceAll(dirname(config), home));
  return { ...host, ssh: { configFile: copy } };
}
