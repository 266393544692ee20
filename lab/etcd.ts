import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { retry } from "../provider/base/retry.js";
import { DroverError } from "../provider/base/error.js";
import { LAB_ENVIRONMENT } from "./run.js";
import { waitFor } from "./wait.js";

/** One member of a lab's etcd. */
export interface EtcdMember {
  readonly name: string;
  /** Its client URL. */
  readonly endpoint: string;
  /** Its process, while it runs. */
  readonly pid: number | undefined;
  /** Starts it again, with the data that it had. */
  start(): Promise<void>;
  /** Ends it at once, as a loss of power does. */
  kill(): Promise<void>;
  /** Makes it deaf (SIGSTOP): its connections stay, and nothing answers. */
  freeze(): void;
  thaw(): void;
}

/** A real etcd of some members on this machine, for tests and examples. */
export interface LabEtcd {
  readonly members: readonly EtcdMember[];
  readonly endpoints: readonly string[];
  /** Ends all members and removes their data. */
  stop(): Promise<void>;
}

/** The files of a TLS server: with them, clients are met by TLS and must show a certificate of the same authority. */
export interface EtcdTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Ports {
  readonly client: number;
  readonly peer: number;
}

/**
 * Starts etcd on free ports, and waits until its members have agreed on a leader. It writes without waiting for the disk.
 * @param directory where the members keep their data; made, and removed by `stop`
 * @param options.address where they listen. Default `127.0.0.1`
 * @example
 * const etcd = await startEtcd(join(lab.directory, "etcd"), { members: 3 });
 * await etcd.members[0]?.kill();
 */
export async function startEtcd(directory: string, options: { readonly members?: number; readonly address?: string; readonly tls?: EtcdTls } = {}): Promise<LabEtcd> {
  const { address = "127.0.0.1", tls } = options;
  // A free port may be another's by the time that it is used.
  return retry(async () => {
    const ports = await freePorts(address, options.members ?? 1);
    const names = ports.map((_, index) => `etcd-${index + 1}`);
    const cluster = ports.map(({ peer }, index) => `${names[index] ?? ""}=http://${address}:${peer}`).join(",");
    const members = ports.map((own, index) => new Member(names[index] ?? "", address, own, cluster, directory, tls));
    const stop = async (): Promise<void> => {
      await Promise.all(members.map((member) => member.kill()));
      await rm(directory, { recursive: true, force: true });
    };
    try {
      await mkdir(directory, { recursive: true });
      await Promise.all(members.map((member) => member.start()));
    } catch (error) {
      await stop();
      throw error;
    }
    return { members, endpoints: members.map(({ endpoint }) => endpoint), stop };
  }, { when: (error) => error instanceof DroverError && error.answer.includes("address already in use"), retries: 3 });
}

class Member implements EtcdMember {
  readonly name: string;
  readonly endpoint: string;
  readonly #command: readonly string[];
  #process: ChildProcess | undefined;
  #said = "";

  constructor(name: string, address: string, ports: Ports, cluster: string, directory: string, tls: EtcdTls | undefined) {
    this.name = name;
    this.endpoint = `${tls === undefined ? "http" : "https"}://${address}:${ports.client}`;
    const peer = `http://${address}:${ports.peer}`;
    this.#command = ["--name", name, "--data-dir", join(directory, name), "--unsafe-no-fsync", "--logger", "zap",
      "--listen-client-urls", this.endpoint, "--advertise-client-urls", this.endpoint,
      "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster,
      ...(tls === undefined ? [] : ["--client-cert-auth", "--trusted-ca-file", tls.ca, "--cert-file", tls.cert, "--key-file", tls.key])];
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const child = spawn("etcd", this.#command, { env: LAB_ENVIRONMENT, stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    this.#said = "";
    let isReady = false;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-4_000);
      // Of 3.4 and 3.5: said once it is a part of a cluster that has a leader.
      isReady ||= /serving client traffic|ready to serve client requests/.test(this.#said);
    });
    let failure: string | undefined;
    child.once("error", (error) => { failure = error.message; });
    child.once("exit", (code, signal) => {
      failure ??= `it ended (${signal ?? code ?? ""}): ${this.#said}`;
      if (this.#process === child) this.#process = undefined;
    });
    await waitFor("etcd", this.name, () => {
      if (failure !== undefined) {
        throw new DroverError({ attempted: "start etcd", host: this.name, answer: failure, next: "lab/packages.json names the packages of the lab; etcd-server is this one" });
      }
      return Promise.resolve(isReady);
    }, 30_000);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => { child.once("exit", resolve); });
    child.kill("SIGKILL");
    await ended;
  }

  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }
}

/** Ports that nobody listens on at this moment. */
async function freePorts(address: string, members: number): Promise<readonly Ports[]> {
  const servers = await Promise.all(Array.from({ length: members * 2 }, () => new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, address, () => { resolve(server); });
  })));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve); })));
  return Array.from({ length: members }, (_, index) => ({ client: ports[index * 2] ?? 0, peer: ports[index * 2 + 1] ?? 0 }));
}
