import type { Duplex } from "node:stream";

/** How long a host may take to answer, in milliseconds. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** How long a command may run, in milliseconds. */
export const DEFAULT_EXEC_TIMEOUT_MS = 60_000;

export interface SshOptions {
  /**
   * The ssh configuration file. Default: `DROVER_SSH_CONFIG` from the environment, else `~/.ssh/config` and then
   * `/etc/ssh/ssh_config`. A file that is named here or in the environment is the only one that is read, as with `ssh -F`.
   */
  readonly configFile?: string;
  /** Holds the trusted host keys, for this host and its jump hosts. Default: what the configuration says, else `~/.ssh/known_hosts` and the system's. */
  readonly knownHostsFile?: string;
  /** A private key's file, tried before all others. The URI's `?keyfile=` means the same. */
  readonly identityFile?: string;
  /** A private key itself, in OpenSSH or PEM form. */
  readonly privateKey?: string;
  /** Decrypts `privateKey` and the identity files. */
  readonly passphrase?: string;
  /** Tried last, and never on a jump host. */
  readonly password?: string;
}

export interface TransportOptions {
  /** What errors call the host. Default: the URI's host, or `localhost`. */
  readonly name?: string;
  readonly ssh?: SshOptions;
  /** For each connection that is made: the network's, the handshake's, a jump host's. In milliseconds, default 10,000. */
  readonly connectTimeoutMs?: number;
}

export interface ExecOptions {
  /** Written to the command's standard input: the place for a secret. */
  readonly input?: string;
  /** In milliseconds, default 60,000. */
  readonly timeoutMs?: number;
}

export interface ExecResult {
  /** The exit code. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The way to one host: byte streams to its libvirt daemon, and commands for what libvirt cannot do. */
export interface HostTransport {
  /** What errors call the host. */
  readonly label: string;
  /**
   * A fresh byte stream to libvirt's socket. Streams of one ssh transport share one ssh connection, which is made
   * at the first call and again after it was lost.
   * @throws TransportError with the reason.
   */
  open(): Promise<Duplex>;
  /**
   * Runs a command on the host and waits for its end; a code other than 0 is a result, not an error.
   * Arguments reach the program as they are (no shell reads them). They can be seen by every user of the host:
   * hand a secret in by `input`.
   * @throws TransportError when it could not be started, was killed, took too long, or the transport has no commands (tcp, tls).
   * @example await transport.exec(["mkdir", "-p", "/srv/disks"])
   */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Closes the shared connection and with it all streams. May be called twice. */
  close(): Promise<void>;
}
