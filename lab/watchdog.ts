/**
 * The watchdog of a lab host, and the daemon wdmd that feeds it: `node watchdog.js SOCKET PID`. It speaks wdmd's protocol with
 * the host's sanlock and does with the times that sanlock gives what wdmd does with them (`test_clients` and `test_loop` in
 * sanlock's wdmd/main.c); in place of a machine's reset it kills the host's first process, and everything of the host with it.
 * It is outside of the host, as the device is: nothing in there can keep it from firing.
 */
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import process from "node:process";

const [socketPath = "", pidText = ""] = process.argv.slice(2);
const hostPid = Number(pidText);

/** wdmd_sock.h: u32 magic, cmd, len, flags, test_interval, fire_timeout; u64 last_keepalive, renewal_time, expire_time; a name. */
const HEADER_BYTES = 24 + 24 + 128;
const COMMAND = { register: 1, testLive: 4, status: 5, openWatchdog: 7 } as const;
const AT = { command: 4, testInterval: 16, fireTimeout: 20, lastKeepalive: 24, expire: 40, name: 48 } as const;

interface Client {
  name: string;
  /** Seconds of the monotonic clock; 0 for none. Kept when the connection is lost: then nobody can put it off any more. */
  expireSeconds: number;
}

const clients = new Set<Client>();
let fireSeconds = 60;
/** When the device was fed last; `undefined` while it is closed. */
let fedSeconds: number | undefined;
let isFailing = false;
let testedSeconds = 0;

/** CLOCK_MONOTONIC, which is the machine's: sanlock in the host has the same. */
function nowSeconds(): number {
  return Number(process.hrtime.bigint() / 1_000_000_000n);
}

function say(text: string): void {
  console.log(`${new Date().toISOString()} ${text}`);
}

/** wdmd's interval between two tests, by the device's time. */
function testInterval(): number {
  return fireSeconds >= 60 ? 10 : fireSeconds >= 30 ? 5 : fireSeconds >= 10 ? 2 : 1;
}

function tick(): void {
  try {
    process.kill(hostPid, 0);
  } catch {
    process.exit(0);
  }
  const now = nowSeconds();
  if (fedSeconds === undefined) return;
  if (now - fedSeconds >= fireSeconds) {
    say(`fires: it was fed ${now - fedSeconds} s ago`);
    process.kill(hostPid, "SIGKILL");
    process.exit(0);
  }
  if (now - testedSeconds < (isFailing ? 1 : testInterval())) return;
  testedSeconds = now;
  if (!isFailing && clients.size === 0) {
    fedSeconds = undefined;
    return;
  }
  // wdmd closes the device one interval early, which feeds it once more: it fires at most its time after the lease expired.
  const failing = [...clients].filter(({ expireSeconds }) => expireSeconds !== 0 && now >= expireSeconds - testInterval());
  if (failing.length === 0) {
    if (isFailing) say("is fed again");
    isFailing = false;
    fedSeconds = now;
  } else if (!isFailing) {
    isFailing = true;
    fedSeconds = now;
    say(`is fed no more, ${failing.map(({ name, expireSeconds }) => `${name} expires in ${expireSeconds - now} s`).join(", ")}`);
  }
}

function serve(socket: Socket): void {
  const client: Client = { name: "", expireSeconds: 0 };
  clients.add(client);
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (; pending.length >= HEADER_BYTES; pending = pending.subarray(HEADER_BYTES)) {
      const answer = obey(client, Buffer.from(pending.subarray(0, HEADER_BYTES)));
      if (answer !== undefined) socket.write(answer);
    }
  });
  socket.on("error", () => { /* What matters is that it closes. */ });
  socket.on("close", () => {
    if (client.expireSeconds === 0) clients.delete(client);
    else say(`${client.name} went away with a lease that nobody renews now`);
  });
}

/** sanlock up to 3.8 takes the device as open, with its usual time; a later one opens it with the time of its configuration. */
function openDevice(seconds: number): void {
  if (fedSeconds !== undefined) return;
  fireSeconds = seconds;
  fedSeconds = testedSeconds = nowSeconds();
  say(`is open: it fires when it was not fed for ${fireSeconds} s`);
}

function obey(client: Client, header: Buffer): Buffer | undefined {
  switch (header.readUInt32LE(AT.command)) {
    case COMMAND.register:
      openDevice(fireSeconds);
      client.name = header.toString("utf8", AT.name).replace(/\0.*$/s, "");
      return undefined;
    case COMMAND.testLive:
      client.expireSeconds = Number(header.readBigUInt64LE(AT.expire));
      return undefined;
    case COMMAND.openWatchdog:
      openDevice(header.readUInt32LE(AT.fireTimeout));
      header.writeUInt32LE(fireSeconds, AT.fireTimeout);
      return header;
    case COMMAND.status:
      header.writeUInt32LE(testInterval(), AT.testInterval);
      header.writeUInt32LE(fireSeconds, AT.fireTimeout);
      header.writeBigUInt64LE(BigInt(fedSeconds ?? 0), AT.lastKeepalive);
      return header;
    default:
      // Its counting of users only keeps wdmd from ending when it is asked to.
      return undefined;
  }
}

rmSync(socketPath, { force: true });
createServer(serve).listen(socketPath);
setInterval(tick, 200);
