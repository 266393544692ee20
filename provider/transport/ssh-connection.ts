import type { Duplex } from "node:stream";
import ssh2, { type AnyAuthMethod, type AuthenticationType, type Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { messageOf } from "../base/error.js";
import { hostKeyAlgorithms, hostKeyError } from "./host-key.js";
import { KnownHosts } from "./known-hosts.js";
import { collectCredentials, refusedCredentials } from "./ssh-auth.js";
import type { SshOptions } from "./host-transport.js";
import type { SshHostConfig } from "./ssh-config.js";
import { TransportError } from "./transport-error.js";

/** A host that may be silent for 25 s is asked 5 times, as libvirt's own keepalive does it. */
const KEEPALIVE_INTERVAL_MS = 5_000;
const KEEPALIVE_COUNT = 5;

/** How long a host may take to close its side. */
const GOODBYE_MS = 1_000;

/** AES-GCM first: it is several times as fast as the others where the processor has instructions for AES. */
const CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"] as const;

/** What a connection is made of. */
export interface SshConnectionSettings {
  readonly host: SshHostConfig;
  readonly label: string;
  /** Carries the connection: a TCP socket, or a channel of the jump host's connection. */
  readonly socket: Duplex;
  readonly keys: Pick<SshOptions, "identityFile" | "privateKey" | "passphrase" | "password">;
  readonly timeoutMs: number;
  /** The jump host in front, as arguments of ssh, for the error's advice. */
  readonly jump?: string | undefined;
}

/** One authenticated ssh connection to a host whose key is known. */
export class SshConnection {
  /** What carries it: whoever writes much at once corks it meanwhile. */
  readonly carrier: Duplex;
  readonly #client: Client;
  readonly #label: string;
  #ended: TransportError | undefined;

  private constructor(client: Client, label: string, carrier: Duplex) {
    this.carrier = carrier;
    this.#client = client;
    this.#label = label;
  }

  /** Shakes hands, verifies the host's key and logs in. The socket is closed on failure. */
  static async open(settings: SshConnectionSettings): Promise<SshConnection> {
    const { host, label, socket } = settings;
    try {
      const knownHosts = await KnownHosts.read(host.knownHostsFiles, label);
      const credentials = await collectCredentials(host, settings.keys, label);
      // The host may have gone meanwhile; ssh2 would wait for it until its time is up.
      if (socket.destroyed) throw new TransportError("lost", { attempted: "open an ssh connection", host: label, answer: socket.errored?.message ?? "the host closed the connection", next: "check the host's sshd and its log" });
      const connection = new SshConnection(new ssh2.Client(), label, socket);
      await connection.#login(settings, knownHosts, credentials);
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  #login(settings: SshConnectionSettings, knownHosts: KnownHosts, credentials: Awaited<ReturnType<typeof collectCredentials>>): Promise<void> {
    const { host, label, socket, timeoutMs } = settings;
    const lookUp = host.hostKeyAlias ?? host.hostName;
    const lookUpPort = host.hostKeyAlias === undefined ? host.port : 22;
    const tried: string[] = [];
    const notes: string[] = [];
    let allowed: readonly AuthenticationType[] = [];
    let hostKey: TransportError | undefined;
    const waiting = [...credentials.usable];

    const nextMethod = (left: readonly AuthenticationType[] | null): AnyAuthMethod | false => {
      // The first try is none at all: its refusal lists what the host allows.
      if (left === null) return { type: "none", username: host.user };
      allowed = left;
      for (let credential = waiting.shift(); credential !== undefined; credential = waiting.shift()) {
        const type = credential.method.type === "agent" ? "publickey" : credential.method.type;
        if (left.length > 0 && !left.includes(type)) continue;
        tried.push(credential.description);
        return credential.method;
      }
      return false;
    };

    const config: ConnectConfig = {
      sock: socket,
      username: host.user,
      readyTimeout: timeoutMs,
      keepaliveInterval: KEEPALIVE_INTERVAL_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
      strictVendor: false,
      algorithms: {
        serverHostKey: hostKeyAlgorithms(knownHosts.knownTypes(lookUp, lookUpPort)),
        cipher: [...CIPHERS],
        compress: ["none"],
      },
      hostVerifier: (key: Buffer) => {
        const verdict = knownHosts.check(lookUp, lookUpPort, key);
        if (verdict.kind === "known") return true;
        hostKey = hostKeyError({
          label,
          host: host.hostName,
          port: host.port,
          alias: host.hostKeyAlias,
          knownHostsFile: host.knownHostsFiles[0] ?? "~/.ssh/known_hosts",
          jump: settings.jump,
          asksForNoChecking: host.asksForNoChecking,
        }, key, verdict);
        return false;
      },
      authHandler: nextMethod,
    };

    return new Promise((resolve, reject) => {
      let ready = false;
      const fail = (error: TransportError): void => {
        this.#ended ??= error;
        reject(error);
      };
      this.#client.on("error", (error: Error & { level?: string; code?: unknown }) => {
        if (hostKey !== undefined) fail(hostKey);
        // An agent or a key that cannot sign: the next one is tried.
        else if (error.level === "agent" || (error.level === "client-authentication" && !/^All configured/.test(error.message))) notes.push(error.message);
        else if (error.level === "client-authentication" || /too many authentication failures/i.test(error.message)) fail(refusedCredentials(host, label, tried, credentials, allowed, notes));
        else if (ready) this.#ended ??= this.#loss(error.message, error);
        else fail(handshakeError(error, label, timeoutMs));
      });
      this.#client.on("close", () => {
        fail(this.#loss("the host closed the connection"));
      });
      this.#client.on("ready", () => {
        ready = true;
        resolve();
      });
      this.#client.connect(config);
    });
  }

  /** Whether channels can still be opened. */
  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** Why the connection was lost; undefined while it lives, and when it was closed by {@link close}. */
  get lost(): TransportError | undefined {
    return this.#ended?.reason === "closed" ? undefined : this.#ended;
  }

  onClose(listener: () => void): void {
    this.#client.once("close", listener);
  }

  /** A channel to a Unix socket on the host. Rejects with ssh2's own error when the host refuses. */
  forwardUnix(path: string): Promise<ClientChannel> {
    return this.#channel((done) => this.#client.openssh_forwardOutStreamLocal(path, done));
  }

  /** A channel to a TCP port as the host sees it. Rejects with ssh2's own error when the host refuses. */
  forwardTcp(host: string, port: number): Promise<ClientChannel> {
    return this.#channel((done) => this.#client.forwardOut("127.0.0.1", 0, host, port, done));
  }

  /** A channel to a command's input and output. Rejects with ssh2's own error when the host refuses. */
  /**
   * @param opened called with the channel before any of its events: when the process is busy, a short command's exit and end
   *   come in the same read as the channel itself, and who listens a moment later misses them
   */
  exec(commandLine: string, opened: (channel: ClientChannel) => void = () => {}): Promise<ClientChannel> {
    return this.#channel((done) => this.#client.exec(commandLine, (error, channel) => {
      if (error === undefined) opened(channel);
      done(error, channel);
    }));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended !== undefined) {
        resolve();
        return;
      }
      this.#ended = new TransportError("closed", { attempted: "use the ssh connection", host: this.#label, answer: "it was closed" });
      this.#client.once("close", () => {
        resolve();
      });
      this.#client.end();
      // A host that does not say goodbye, for it is dead or frozen, is not waited for. ssh2's own destroy does nothing after its end.
      setTimeout(() => { this.carrier.destroy(); }, GOODBYE_MS).unref();
    });
  }

  #channel(open: (done: (error: Error | undefined, channel: ClientChannel) => void) => unknown): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      try {
        open((error, channel) => {
          if (error === undefined) resolve(channel);
          else reject(this.#ended ?? error);
        });
      } catch (error) {
        reject(this.#loss(messageOf(error), error));
      }
    });
  }

  #loss(answer: string, cause?: unknown): TransportError {
    return new TransportError("lost", { attempted: "keep the ssh connection", host: this.#label, answer, next: "check the host and the network between, and run it again", cause });
  }
}

function handshakeError(error: Error & { level?: string; code?: unknown }, label: string, timeoutMs: number): TransportError {
  const parts = { attempted: "open an ssh connection", host: label, cause: error };
  if (error.level === "client-timeout") {
    return new TransportError("mute", { ...parts, answer: `the port answers, but ssh did not come about within ${timeoutMs / 1000} s`, next: "check that the port is an ssh server's, and the load of the host" });
  }
  if (error.level === "client-socket") {
    return new TransportError("lost", { ...parts, answer: error.message, next: "check the host's sshd and its log" });
  }
  if (/no matching host key/i.test(error.message)) {
    return new TransportError("protocol", { ...parts, answer: `${error.message}: the host has only keys of kinds that are too weak (ssh-dss, or ssh-rsa with SHA-1)`, next: "make a new host key with: ssh-keygen -A   and restart sshd" });
  }
  return new TransportError("protocol", { ...parts, answer: error.message, next: "check that an ssh server listens on the port, and its log" });
}
