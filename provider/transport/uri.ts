import { TransportError } from "./transport-error.js";

/** A libvirt connection URI, read and checked. */
export interface LibvirtUri {
  readonly driver: "qemu";
  readonly transport: "unix" | "ssh" | "tcp" | "tls";
  /** Absent for `unix`. An IPv6 address has no brackets. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly path: "/system";
  /** The daemon's socket, when it is not at the usual place. */
  readonly socket?: string;
  /** A private key for ssh. */
  readonly keyfile?: string;
  /** The folder of the TLS certificates. */
  readonly pkipath?: string;
}

const EXAMPLES = "qemu:///system, qemu+ssh://root@ash/system, qemu+tls://ash/system, qemu+tcp://ash/system";
const TRANSPORTS = ["unix", "ssh", "tcp", "tls"] as const;
type Transport = (typeof TRANSPORTS)[number];

/** Which transport takes which parameter. */
const PARAMETERS: Readonly<Record<string, readonly Transport[]>> = {
  socket: ["unix", "ssh"],
  keyfile: ["ssh"],
  pkipath: ["tls"],
};

/** Parameters that libvirt knows and we refuse, each with the reason and what to do instead. */
const REFUSED: Readonly<Record<string, readonly [reason: string, next: string]>> = {
  no_verify: ["it would accept any machine that answers in the host's place", "remove it, and add the host's key to known_hosts (ssh) or trust its certificate authority (tls)"],
  no_tty: ["no terminal is ever used", "remove it"],
  no_sanity: ["the certificates are always checked", "remove it"],
  netcat: ["the socket is reached by ssh's own forwarding, by virt-ssh-helper or by nc, whichever the host has", "remove it"],
  proxy: ["the socket is reached by ssh's own forwarding, by virt-ssh-helper or by nc, whichever the host has", "remove it"],
  command: ["no ssh program is run", "remove it, and put the settings into the ssh configuration file"],
  mode: ["the daemon's socket is found by itself", "remove it, or name the socket with ?socket=/path"],
  known_hosts: ["the file is not part of the URI", "set ssh.knownHostsFile, or UserKnownHostsFile in the ssh configuration file"],
  known_hosts_verify: ["host keys are always verified", "remove it"],
  sshauth: ["keys, agent and password are tried by themselves", "remove it"],
  auth: ["no libvirt authentication file is read", "remove it"],
  tls_priority: ["Node's TLS settings apply", "remove it"],
  name: ["the remote URI is always qemu:///system", "remove it"],
};

/**
 * Reads a libvirt connection URI for the QEMU driver, by libvirt's rules (https://libvirt.org/uri.html):
 * `qemu:///system` is the local socket, `qemu://HOST/system` is TLS, `qemu+TRANSPORT://[USER@]HOST[:PORT]/system` the rest,
 * with `?socket=`, `?keyfile=` and `?pkipath=`.
 *
 * @throws TransportError (`configuration`) that says what is wrong and what is probably meant.
 * @example parseLibvirtUri("qemu+ssh://root@ash:2222/system?keyfile=/keys/id") // { transport: "ssh", host: "ash", port: 2222, … }
 */
export function parseLibvirtUri(text: string): LibvirtUri {
  const shown = text.replace(/(\/\/[^/@:]*):[^/@]*@/, "$1:…@");
  const fail = (answer: string, next?: string): TransportError =>
    new TransportError("configuration", { attempted: `read the connection URI "${shown}"`, answer, next: next ?? `write one such as ${EXAMPLES}` });

  if (/[\s#\\]/.test(text)) throw fail("a URI holds no blanks, # or \\");
  const scheme = /^([A-Za-z][A-Za-z0-9]*)(?:\+([A-Za-z0-9]*))?:\/\//.exec(text);
  const [, driver, named] = scheme ?? [];
  if (driver === undefined) throw fail("it is not DRIVER[+TRANSPORT]://[USER@][HOST][:PORT]/PATH");
  if (driver.toLowerCase() !== "qemu") throw fail(`the driver "${driver}" is not supported, only qemu is`);
  if (!URL.canParse(text)) throw fail("the host or port cannot be read", `write an IPv6 address in brackets and a port from 1 to 65535, such as qemu+ssh://root@[fd00::1]:22/system`);
  const url = new URL(text);

  if (url.password !== "") throw fail("a password does not belong into a URI", "remove it, and give the password as ssh.password, best from a Pulumi secret");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const transport = transportOf(named, host, fail);
  if (transport === "unix" && (host !== "" || url.port !== "" || url.username !== "")) {
    throw fail("the unix transport reaches this machine only, and takes no host, port or user", `write qemu:///system for this machine, or qemu+ssh://${host === "" ? "HOST" : host}/system for another`);
  }
  if (transport !== "unix" && host === "") throw fail(`the ${transport} transport needs a host`, `write qemu+${transport}://HOST/system, or qemu:///system for this machine`);
  if (url.username !== "" && transport !== "ssh") throw fail(`the ${transport} transport takes no user`, `remove "${url.username}@"`);
  if (url.port === "0") throw fail("0 is no port", "write a port from 1 to 65535, or none for the default");
  checkPath(url.pathname, fail);

  return {
    driver: "qemu",
    transport,
    ...(host === "" ? {} : { host: decode(host, "host", fail) }),
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(url.username === "" ? {} : { user: decode(url.username, "user", fail) }),
    path: "/system",
    ...parametersOf(url.searchParams, transport, fail),
  };
}

type Fail = (answer: string, next?: string) => TransportError;

function transportOf(named: string | undefined, host: string, fail: Fail): Transport {
  if (named === undefined) return host === "" ? "unix" : "tls";
  const name = named.toLowerCase();
  const transport = TRANSPORTS.find((known) => known === name);
  if (transport !== undefined) return transport;
  const meant = name === "ssh2" || name === "libssh" || name === "libssh2" ? ": ssh is always spoken natively, without the ssh program" : "";
  throw fail(`the transport "${named}" is not supported${meant}`, `write one of ${TRANSPORTS.map((known) => `qemu+${known}`).join(", ")}`);
}

function checkPath(path: string, fail: Fail): void {
  if (path === "/system") return;
  if (path === "/session") throw fail("/session is one user's private daemon, without networks, storage and autostart of its own", "write /system");
  if (path === "" || path === "/") throw fail("the path is missing", "end the host with /system");
  throw fail(`the path "${path}" is unknown`, "write /system");
}

function parametersOf(parameters: URLSearchParams, transport: Transport, fail: Fail): Pick<LibvirtUri, "socket" | "keyfile" | "pkipath"> {
  const found: { socket?: string; keyfile?: string; pkipath?: string } = {};
  for (const [name, value] of parameters) {
    const refused = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    if (refused !== undefined) throw fail(`?${name} is refused: ${refused[0]}`, refused[1]);
    const takers = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (takers === undefined || !isParameter(name)) throw fail(`the parameter "${name}" is unknown`, `known are ${Object.keys(PARAMETERS).join(", ")}`);
    if (!takers.includes(transport)) throw fail(`?${name} means nothing to the ${transport} transport`, `it is for ${takers.join(" and ")}: remove it`);
    if (value === "") throw fail(`?${name} is empty`, `write ?${name}=/path`);
    if (found[name] !== undefined) throw fail(`?${name} is given twice`, "give it once");
    if (name !== "keyfile" && !value.startsWith("/")) throw fail(`?${name}=${value} is not an absolute path`, `write ?${name}=/path`);
    found[name] = value;
  }
  return found;
}

function isParameter(name: string): name is "socket" | "keyfile" | "pkipath" {
  return name === "socket" || name === "keyfile" || name === "pkipath";
}

function decode(part: string, what: string, fail: Fail): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw fail(`the ${what} "${part}" has a broken %-escape`, "write a plain % as %25");
  }
}
