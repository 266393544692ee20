import { DroverError, messageOf } from "../../base/error.js";
import { marksOf, readHostMark, writeHostMark } from "../../inventory/cluster/index.js";
import { hostAt } from "../../inventory/hosts.js";
import { signOfLife } from "../../inventory/signs.js";
import { directory, idOf, noteNow } from "./marks.js";
import type { ReadCluster } from "./planning.js";
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
