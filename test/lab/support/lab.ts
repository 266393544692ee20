import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { Resolver } from "node:dns/promises";
import { basename, join } from "node:path";
import { after, before } from "node:test";
import { systemClock } from "../../../provider/base/clock.js";
import { DroverError } from "../../../provider/base/error.js";
import { silentLog } from "../../../provider/base/log.js";
import { breakHost, healHost, hostOf } from "../../../lab/control.js";
import { labDown } from "../../../lab/down.js";
import type { Fault } from "../../../lab/faults.js";
import { findMachines, inside } from "../../../lab/machine.js";
import { readLab, type Lab, type LabHost } from "../../../lab/model.js";
import { labPlace, type LabPlace } from "../../../lab/place.js";
import { runAny, type RunOptions, type RunResult } from "../../../lab/run.js";
import { machineOf } from "../../../lab/shell.js";
import { labUp, type UpOptions } from "../../../lab/up.js";

/** The test file's own name, for names that no other test file uses: `lab` for `lab.test.js`. */
export const TEST_FILE = basename(process.argv[1] ?? "test").replace(/\.test\.js$/, "").replaceAll(/[^a-z0-9]+/g, "-").slice(0, 16);

export interface UseLabOptions extends Pick<UpOptions, "hosts" | "storage" | "sanlock"> {
  /** A lab of the test file's own, for tests that break hosts. Default: the run's common lab where there is one. */
  readonly own?: boolean;
}

/**
 * The lab for the tests of a file: the run's common one, whose `lab.json` is named by `DROVER_LAB_JSON`, or else one of
 * the file's own that is taken down at the end. Call it at the top of a file or a `describe`; use it inside of tests.
 * @example
 * const lab = useLab();
 * test("…", async () => { await lab.host("ash").virsh("list"); });
 */
export function useLab(options: UseLabOptions = {}): TestLab {
  const lab = new TestLab();
  before(() => lab.start(options));
  after(() => lab.stop());
  return lab;
}

export class TestLab {
  #lab: Lab | undefined;
  #place: LabPlace | undefined;
  #isOwn = false;
  readonly #started: { host: string; domain: string }[] = [];

  async start(options: UseLabOptions): Promise<void> {
    const common = options.own === true ? undefined : process.env.DROVER_LAB_JSON;
    if (common !== undefined && common !== "") {
      this.#lab = await readLab(common);
      if (this.#lab === undefined) throw new Error(`DROVER_LAB_JSON names ${common}, which is no lab`);
      this.#place = labPlace(this.#lab.name, this.#lab.directory);
      return;
    }
    this.#isOwn = true;
    this.#place = labPlace(`test-${TEST_FILE}`);
    await labDown(this.#place);
    this.#lab = await labUp(this.#place, { hosts: options.hosts, storage: options.storage, sanlock: options.sanlock }, silentLog);
  }

  async stop(): Promise<void> {
    if (this.#place === undefined) return;
    if (this.#isOwn) {
      await labDown(this.#place);
      return;
    }
    for (const { host, domain } of this.#started) {
      await this.host(host).exec(["virsh", "destroy", domain]);
      await this.host(host).exec(["rm", "-f", `${this.lab.sharedPath}/${domain}.qcow2`, `${this.lab.sharedPath}/${domain}.seed`]);
    }
    await rm(join(this.lab.directory, "shared", TEST_FILE), { recursive: true, force: true });
  }

  /** The content of `lab.json`. */
  get lab(): Lab {
    if (this.#lab === undefined) throw new Error("the lab is there only inside of tests");
    return this.#lab;
  }

  get place(): LabPlace {
    if (this.#place === undefined) throw new Error("the lab is there only inside of tests");
    return this.#place;
  }

  get hosts(): TestHost[] {
    return this.lab.hosts.map((host) => new TestHost(this.place, host));
  }

  host(name: string): TestHost {
    return new TestHost(this.place, hostOf(this.lab, name));
  }

  /** A name that no other test file uses. */
  name(base: string): string {
    return `${TEST_FILE}-${base}`;
  }

  /**
   * A folder on the shared storage that belongs to this file, for `--storage folder`: its path on this machine and in
   * the hosts. It is removed at the end.
   */
  async sharedFolder(): Promise<{ here: string; inHosts: string }> {
    const here = join(this.lab.directory, "shared", TEST_FILE);
    await mkdir(here, { recursive: true });
    return { here, inHosts: `${this.lab.sharedPath}/${TEST_FILE}` };
  }

  break(host: string, fault: Fault = "host"): Promise<void> {
    return breakHost(this.place, host, fault);
  }

  heal(host: string): Promise<void> {
    return healHost(this.place, host, silentLog);
  }

  /** The address that the lab's DHCP server gave to a NIC; undefined when it has none yet. */
  async addressOf(mac: string): Promise<string | undefined> {
    const leases = await readFile(join(this.lab.directory, "switch", "leases"), "utf8").catch(() => "");
    return leases.split("\n").map((line) => line.split(" ")).find((fields) => fields[1] === mac.toLowerCase())?.[2];
  }

  /** The address that the lab's DNS server knows for a guest's host name. */
  async resolve(name: string): Promise<string> {
    const resolver = new Resolver({ timeout: 1_000, tries: 2 });
    resolver.setServers([this.lab.guestNetwork.dns]);
    const [address] = await resolver.resolve4(name);
    if (address === undefined) throw new Error(`the lab's DNS server knows no ${name}`);
    return address;
  }

  /** Starts a transient tiny guest straight through libvirt, for tests below the provider; it is destroyed at the end. */
  async startTiny(host: string, base: string): Promise<{ domain: string; mac: string }> {
    const domain = this.name(base);
    const there = this.host(host);
    const file = `${this.lab.sharedPath}/${domain}`;
    await there.check(["cp", "--sparse=always", this.lab.images.tiny, `${file}.qcow2`]);
    await there.check(["rm", "-f", `${file}.seed`]);
    await there.check(["mkfs.fat", "-C", "-n", "CIDATA", `${file}.seed`, "1024"]);
    await there.check(["mcopy", "-i", `${file}.seed`, "-", "::/user-data"], `#cloud-config\nhostname: ${domain}\n`);
    await there.check(["mcopy", "-i", `${file}.seed`, "-", "::/meta-data"], `instance-id: ${domain}\n`);
    const mac = macOf(domain);
    this.#started.push(...this.lab.hosts.map(({ name }) => ({ host: name, domain })));
    await there.virsh(["create", "/dev/stdin"], tinyXml(domain, mac, file, this.lab.guestNetwork.bridge));
    return { domain, mac };
  }
}

export class TestHost {
  readonly #place: LabPlace;
  readonly host: LabHost;

  constructor(place: LabPlace, host: LabHost) {
    this.#place = place;
    this.host = host;
  }

  get name(): string {
    return this.host.name;
  }

  /** Runs a command inside the host and returns how it ended. */
  async exec(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return runAny(inside(await machineOf(this.#place, this.host.name), command), options);
  }

  /** Runs a command inside the host and returns its output. @throws DroverError with its words when it fails. */
  async check(command: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec(command, input === undefined ? {} : { input });
    if (code !== 0) throw new DroverError({ attempted: command.join(" "), host: this.name, answer: stderr.trim() });
    return stdout;
  }

  /** Runs virsh inside the host; `input` is what it reads as /dev/stdin. @throws DroverError with its words when it fails. */
  virsh(words: readonly string[], input?: string): Promise<string> {
    // Node hands a socket to its children, which cannot be opened as /dev/stdin: a pipe from cat can.
    const piped = input === undefined ? [] : ["/bin/sh", "-c", "cat | \"$@\"", "sh"];
    return this.check([...piped, "virsh", "--quiet", ...words], input);
  }

  async isRunning(): Promise<boolean> {
    return (await findMachines(this.#place)).has(this.name);
  }
}

/** GETs a page of a guest, such as `/`, `/facts` or `/www`'s files, and asks again until it answers or time is up. */
export async function httpGet(address: string, path = "/", timeoutMs = 30_000): Promise<string> {
  const endMs = systemClock.nowMs() + timeoutMs;
  for (;;) {
    try {
      const response = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(3_000) });
      const text = await response.text();
      if (response.ok) return text;
      throw new Error(`HTTP status ${response.status}`);
    } catch (error) {
      if (systemClock.nowMs() > endMs) throw error;
      await systemClock.sleep(100);
    }
  }
}

/** What the tiny guest sees of itself. */
export interface GuestFacts {
  readonly hostname: string;
  readonly cpus: number;
  readonly memoryKiB: number;
  /** Changes with every restart of the guest. */
  readonly bootId: string;
  /** How often its disk was booted: it is counted on the disk. */
  readonly boots: number;
  readonly uptimeSeconds: number;
  readonly blockDevices: readonly { readonly name: string; readonly bytes: number; readonly serial: string }[];
  readonly nics: readonly { readonly name: string; readonly mac: string; readonly address: string }[];
}

export async function guestFacts(address: string, timeoutMs = 30_000): Promise<GuestFacts> {
  return JSON.parse(await httpGet(address, "/facts", timeoutMs)) as GuestFacts;
}

/** Asks again until `probe` gives something, and throws when `timeoutMs` are over. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 30_000): Promise<T> {
  const endMs = systemClock.nowMs() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (systemClock.nowMs() > endMs) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`);
    await systemClock.sleep(100);
  }
}

function macOf(text: string): string {
  const digest = createHash("sha256").update(text).digest("hex");
  return ["52", "54", "00", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(":");
}

function tinyXml(name: string, mac: string, file: string, bridge: string): string {
  return `<domain type="qemu">
  <name>${name}</name>
  <memory unit="MiB">128</memory>
  <vcpu>1</vcpu>
  <os><type arch="x86_64" machine="q35">hvm</type><boot dev="hd"/></os>
  <features><acpi/><apic/></features>
  <devices>
    <disk type="file"><driver name="qemu" type="qcow2" cache="none"/><source file="${file}.qcow2"/><target dev="vda" bus="virtio"/></disk>
    <disk type="file"><driver name="qemu" type="raw" cache="none"/><source file="${file}.seed"/><target dev="vdb" bus="virtio"/><readonly/><shareable/></disk>
    <interface type="bridge"><mac address="${mac}"/><source bridge="${bridge}"/><model type="virtio"/></interface>
    <serial type="pty"/>
  </devices>
</domain>`;
}
