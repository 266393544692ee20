import { agentName, fenceStatus } from "../../apply/fence.js";
import { DroverError, messageOf } from "../../base/error.js";
import { marksOf, readHostMark, writeHostMark } from "../../inventory/cluster/index.js";
import { hostAt, type ConnectedHost } from "../../inventory/hosts.js";
import { isRenewed } from "../../inventory/leases.js";
import { readPeers, readSanlock } from "../../inventory/sanlock.js";
import { signOfLife } from "../../inventory/signs.js";
import { openRecord } from "../../record/config.js";
import type { ClusterHost, PlacementInputs } from "../../schema/index.js";
import { networkAddress, parseLibvirtUri } from "../../transport/index.js";
import { recordConfig } from "./guarded.js";
import { directory, idOf, noteNow } from "./marks.js";
import type { ReadCluster } from "./reading.js";
import { guardThatHears } from "./views.js";
import { lastBoot, wordNow } from "./words.js";

/**
 * @param patienceMs how long a sign of life is waited for. Default 10,000.
 * @throws DroverError when the host, or anything of its machine, answers
 */
export async function refuseLiving({ hosts, reading }: ReadCluster, name: string, patienceMs?: number): Promise<void> {
  const silent = reading.silent.find(({ address }) => address.name === name);
  if (silent === undefined) {
    throw new DroverError({ attempted: `take ${name} for dead`, answer: hosts.some(({ declared }) => declared.host.name === name) ? "its libvirt answers" : "the cluster has no such host", next: "nothing was changed" });
  }
  const { address } = silent;
  const found = await signOfLife(address, hosts.find(({ declared }) => declared.host.name === name)?.declared.migration?.address, patienceMs);
  if (found === undefined) return;
  throw new DroverError({ attempted: `take ${name} for dead`, answer: `its machine may live: ${found}`, next: "its guests may run: cut its power first, or mend what is in the way and run `pulumi up`" });
}

/**
 * Like {@link refuseLiving}, and from all sides that an operator's word may be wrong about: guards that work, the cluster's other hosts,
 * the shared storage and the host's fence devices. What cannot be asked says nothing.
 * @param tell hears what could not be asked
 * @throws DroverError when anything says that the host lives
 */
export async function refuseLivingAnywhere(cluster: ReadCluster, name: string, tell: (text: string) => void): Promise<void> {
  await refuseLiving(cluster, name);
  const { hosts, inputs, reading } = cluster;
  const declared = hosts.find((host) => host.declared.host.name === name)?.declared;
  if (declared === undefined) return;
  const others = reading.hosts.map(({ address }) => address);
  const asked: readonly (readonly [string, Promise<string | undefined>])[] = [
    ["the guards' record", guardSign(inputs, name)],
    ...(declared.fence ?? []).map((device) => [agentName(device), fenceStatus(name, device).then((power) => (power === "on" ? `${agentName(device)} says that its power is on` : undefined))] as const),
    ...others.slice(0, MOST_WITNESSES).map((witness) => [witness.name, signFrom(hostAt(witness), declared)] as const),
    ...others.filter((witness) => inputs.hosts.some(({ host, leases }) => host.name === witness.name && leases?.manager === "sanlock")).map((witness) => [`sanlock on ${witness.name}`, leaseSign(hostAt(witness), declared)] as const),
  ];
  const signs = await Promise.all(asked.map(async ([who, sign]) => {
    try {
      return await sign;
    } catch (error) {
      tell(`${who} could not be asked whether ${name} lives: ${messageOf(error)}`);
      return undefined;
    }
  }));
  const found = signs.filter((sign) => sign !== undefined);
  if (found.length === 0) return;
  throw new DroverError({ attempted: `take ${name} for dead`, answer: `its machine may live: ${found.join("; ")}`, next: `its guests may run: cut its power first (\`drover fence ${name} --action off\`), and say it again` });
}

/** Hosts that are asked whether they reach it. */
const MOST_WITNESSES = 3;
/** How long a machine may take to answer one of the others, in seconds. */
const WITNESS_SECONDS = 4;

/** A guard that works and hears the host, though this machine does not. */
async function guardSign(inputs: PlacementInputs, name: string): Promise<string | undefined> {
  if (inputs.guard === undefined) return undefined;
  const store = await openRecord(await recordConfig(inputs.guard), idOf(inputs));
  try {
    const guard = await guardThatHears(store, name);
    return guard === undefined ? undefined : `guard ${guard} hears it`;
  } finally {
    await store.close();
  }
}

/** Whether another host reaches its sshd, or has an answer to a ping: the others may have a way that this machine has not. */
async function signFrom(witness: ConnectedHost, { host, migration }: ClusterHost): Promise<string | undefined> {
  const uri = parseLibvirtUri(host.uri);
  const known = [await networkAddress(uri, host.ssh) ?? uri.host, migration?.address?.replace(/^\[?([^\]]*?)\]?(?::[0-9]+)?$/, "$1")];
  const addresses = known.flatMap((address) => (address === undefined || address === "" ? [] : [address]));
  const { code, stdout, stderr } = await witness.transport.exec(["bash", "-c", PROBE, "probe", ...addresses], { timeoutMs: (addresses.length * 2 + 2) * WITNESS_SECONDS * 1000 });
  if (code !== 0) throw new DroverError({ attempted: `reach ${host.name}`, host: witness.name, answer: stderr.trim() === "" ? `exit code ${code}` : stderr.trim(), next: "see that it has bash" });
  const [line] = stdout.trim().split("\n").filter((text) => text !== "");
  return line === undefined ? undefined : `${witness.name} reaches it: ${line}`;
}

/** A port that refuses is as good an answer as one that takes. */
const PROBE = `for a; do
  said=$( { timeout ${WITNESS_SECONDS} bash -c 'exec 3<>"/dev/tcp/$0/22"' "$a" && echo it takes connections; } 2>&1)
  case $said in *'takes connections'*) echo "$a takes connections";; *refused*) echo "$a refuses connections";; esac
  ping -c 1 -W 2 "$a" >/dev/null 2>&1 && echo "$a answers a ping"
done; true`;

/** Whether its lease on shared storage is renewed, or was a moment ago. */
async function leaseSign(witness: ConnectedHost, { leases }: ClusterHost): Promise<string | undefined> {
  if (leases?.manager !== "sanlock" || leases.hostId === undefined) return undefined;
  const [daemon, peers] = await Promise.all([readSanlock(witness), readPeers(witness)]);
  const peer = peers.find(({ hostId }) => hostId === leases.hostId);
  // Of one that does not renew its own it is not known what it last read.
  if (peer === undefined || peer.timestamp === 0 || !isRenewed(daemon)) return undefined;
  const silentSeconds = daemon.nowSeconds - peer.liveSeconds;
  return silentSeconds > RENEWALS * peer.ioTimeoutSeconds ? undefined : `its lease on shared storage was renewed ${Math.round(silentSeconds)} s ago, as ${witness.name} sees`;
}

/** io_timeouts within which a host that lives has renewed its lease: it does so every two, and another reads that every two. */
const RENEWALS = 6;

/**
 * Writes on all other hosts of the cluster that one is dead.
 * @param by what it is known by, for whoever reads the mark: the fence agent whose device said that it is off
 * @param validSeconds how long it counts where nobody acts by it; for ever, for a guard that acts by it now
 * @returns names of the hosts that keep it
 * @throws DroverError when none of them could be told
 */
export async function markDead({ inputs, reading }: ReadCluster, name: string, by: string, validSeconds?: number): Promise<string[]> {
  const word = wordNow(lastBoot(marksOf(reading, idOf(inputs)), name), noteNow(by), validSeconds);
  const outcomes = await Promise.allSettled(reading.hosts.map(async ({ address }) => {
    const host = hostAt(address);
    const before = await readHostMark(host, idOf(inputs));
    const hosts = directory(inputs, before).map((each) => (each.name === name ? { ...each, ...(word.boot === undefined ? {} : { boot: word.boot }), confirmedDead: word } : each));
    await writeHostMark(host, { cluster: { id: idOf(inputs), name: inputs.cluster }, state: before?.state, hosts });
    return address.name;
  }));
  const told = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (told.length === 0) {
    throw new DroverError({ attempted: `take ${name} for dead`, answer: failed === undefined ? "no other host of the cluster answers, and one has to keep it" : messageOf(failed.reason), cause: failed?.reason, next: "bring another host back first" });
  }
  return told;
}
