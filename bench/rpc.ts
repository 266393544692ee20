import type { DomainRef, HostConnection } from "../provider/libvirt/index.js";
import { bareSocket } from "./bare-socket.js";
import { BenchHost } from "./lab-host.js";
import { report, summarize, type Bench } from "./report.js";

const DOMAINS = 500;
const PREFIX = "bench-rpc-";
/** Each measure goes on for so long. */
const MEASURE_MS = 3_000;
const ROUND = 500;

/** Calls a second of our client and of virsh, on one host with 500 defined domains. */
export const rpc: Bench = {
  name: "rpc",
  summary: `calls a second with ${DOMAINS} defined domains, by ssh and on the local socket, against one virsh process for each call`,
  run: () => BenchHost.use(async (host) => {
    const hasVirsh = await BenchHost.hasVirsh();
    if (!hasVirsh) console.error("virsh is not installed: no peer is measured");
    await host.withConnection("unix", defineDomains);
    try {
      const results: string[] = [];
      // The last way is the local socket's.
      let local = { single: 0, pipelined: 0 };
      for (const way of ["ssh", "unix"] as const) {
        const peer = hasVirsh ? await perSecond(async () => { await host.virsh(way, "dominfo", `${PREFIX}0`); return 1; }) : null;
        const { single, pipelined } = await host.withConnection(way, measure);
        local = { single, pipelined };
        const peerName = peer === null ? null : "virsh";
        const label = way === "ssh" ? "by ssh" : "on the local socket";
        report({
          bench: "rpc", figure: `${label}, one at a time`, unit: "calls/s", ours: single, peer, peerName,
          goal: way === "ssh" ? { of: "ratio", relation: "≥", value: 100 } : { of: "ours", relation: "≥", value: 5_000 },
        });
        report({
          bench: "rpc", figure: `${label}, pipelined`, unit: "calls/s", ours: pipelined, peer, peerName,
          goal: way === "ssh" ? { of: "ratio", relation: "≥", value: 100 } : { of: "ours", relation: "≥", value: 20_000 },
        });
        results.push(`${label} ${Math.round(single)}/s, pipelined ${Math.round(pipelined)}/s${peer === null ? "" : `, virsh ${peer.toPrecision(3)}/s`}`);
      }
      const [dom] = await host.withConnection("unix", async (connection) => (await connection.connectListAllDomains({ needResults: 1, flags: 0 })).domains);
      if (dom !== undefined) {
        const bare = await bareSocket(host.unixSocket, dom, ROUND, perSecond);
        const goal = { of: "ratio", relation: "≥", value: 0.8 } as const;
        report({ bench: "rpc", figure: "on the local socket, one at a time, of what a bare socket reaches", unit: "calls/s", ours: local.single, peer: bare.single, peerName: "bare socket", goal });
        report({ bench: "rpc", figure: "on the local socket, pipelined, of what a bare socket reaches", unit: "calls/s", ours: local.pipelined, peer: bare.pipelined, peerName: "bare socket", goal });
        results.push(`a bare socket ${Math.round(bare.single)}/s, pipelined ${Math.round(bare.pipelined)}/s`);
      }
      summarize(`rpc: ${results.join("; ")}`);
    } finally {
      await host.withConnection("unix", undefineDomains);
    }
  }),
};

async function measure(connection: HostConnection): Promise<{ single: number; pipelined: number }> {
  const { domains } = await connection.connectListAllDomains({ needResults: 1, flags: 0 });
  const round = Array.from({ length: ROUND }, (_, index) => domains[index % domains.length]).filter((dom): dom is DomainRef => dom !== undefined);
  // The first rounds are compiled code's and the connection's own start.
  for (const dom of round) await connection.domainGetInfo({ dom });
  const single = await perSecond(async () => {
    for (const dom of round) await connection.domainGetInfo({ dom });
    return round.length;
  });
  const pipelined = await perSecond(async () => {
    await Promise.all(round.map((dom) => connection.domainGetInfo({ dom })));
    return round.length;
  });
  return { single, pipelined };
}

/** Repeats `calls`, which tells how many it made, and answers how many a second. */
async function perSecond(calls: () => Promise<number>): Promise<number> {
  const start = performance.now();
  let made = 0;
  let elapsedMs = 0;
  do {
    made += await calls();
    elapsedMs = performance.now() - start;
  } while (elapsedMs < MEASURE_MS);
  return made / elapsedMs * 1_000;
}

async function defineDomains(connection: HostConnection): Promise<void> {
  await Promise.all(Array.from({ length: DOMAINS }, (_, index) => connection.domainDefineXMLFlags({
    xml: `<domain type="qemu"><name>${PREFIX}${index}</name><memory unit="MiB">64</memory><os><type arch="x86_64">hvm</type></os></domain>`, flags: 0,
  })));
}

async function undefineDomains(connection: HostConnection): Promise<void> {
  const { domains } = await connection.connectListAllDomains({ needResults: 1, flags: 0 });
  await Promise.all(domains.filter(({ name }) => name.startsWith(PREFIX)).map((dom) => connection.domainUndefineFlags({ dom, flags: 0 })));
}
