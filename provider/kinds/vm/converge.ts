import { isDeepStrictEqual } from "node:util";
import { addressOf, waitForAddress } from "../../apply/addresses.js";
import { changeLive, growLiveDisk, liveDocument } from "../../apply/live-change.js";
import { stopDomain } from "../../apply/stop.js";
import { deleteVolume } from "../../apply/volumes.js";
import { DroverError, messageOf } from "../../base/error.js";
import type { Context } from "../../engine/handler.js";
import { isActive, stateOf, type DomainPlace } from "../../inventory/domains.js";
import { hostAt, type ConnectedHost } from "../../inventory/hosts.js";
import { ConnectionLostError, LibvirtError } from "../../libvirt/index.js";
import type { VirtualMachineInputs, VirtualMachineOutputs } from "../../schema/index.js";
import { DomainDocument, pendingChanges, type Mark } from "../../xml/index.js";
import { claimOf, deleteOwnVolume, refuseUsedElsewhere, seedClaim, growDisks, placeDisks, placeSeed, poolOf, seedPool, type PlacedDisk } from "./disks.js";
import { asItIs } from "./adopt.js";
import { define, isAdopted, refuseTakenDevices, refuseTakenName, stateName, withDefinition, type DefinedDomain } from "./domain.js";
import { creationSpec, managedSpec, refuseTooMuchMemory, type ManagedSpec } from "./spec.js";

/** What a VM shall be, and what is known of it. */
export interface Goal {
  readonly uuid: string;
  readonly mark: Mark;
  readonly inputs: VirtualMachineInputs;
  /** Inputs and outputs of the state; absent for a new VM. */
  readonly olds?: { readonly inputs: VirtualMachineInputs; readonly outputs: VirtualMachineOutputs } | undefined;
}

/**
 * What can be known to fail before anything is touched.
 * @throws DroverError for more memory than the host has; a name, MAC address or disk that another domain of the host has; a disk
 *   that a domain of another host of its shared pool has
 */
export async function refuse(goal: Goal, found: DomainPlace | undefined): Promise<void> {
  const { inputs, uuid, olds } = goal;
  const host = found?.host ?? hostAt(inputs.host);
  const name = inputs.name ?? uuid;
  await refuseTooMuchMemory(host, inputs);
  if (found?.domain.name !== name) await refuseTakenName(host, name, uuid);
  const macs = Object.entries(inputs.nics ?? {}).flatMap(([nic, { mac }]) => (mac === undefined || olds?.inputs.nics?.[nic]?.mac === mac ? [] : [mac.toLowerCase()]));
  const attached = Object.entries(inputs.disks ?? {}).flatMap(([each, { disk }]) => (disk === undefined || olds?.outputs.volumes[each] === disk.volume ? [] : [disk]));
  await refuseTakenDevices(host, uuid, macs, attached.map(({ pool, volume }) => `${pool.path}/${volume}`));
  for (const disk of attached) if (disk.pool.shared) await refuseUsedElsewhere(host, disk, uuid);
}

/**
 * Brings a VM to what it shall be, whatever of it exists: volumes, definition, live devices, power. Each step looks at
 * what is there, so that a run that was cut off anywhere is finished by the next. A change that libvirt refuses is taken
 * back.
 * @param found where it is, with its definition; `undefined` when it is known to be nowhere
 * @param mayStart called before a start when the volumes held data before this run
 */
export async function converge(ctx: Context, goal: Goal, found: DefinedDomain | undefined, mayStart: () => void): Promise<VirtualMachineOutputs> {
  const { inputs, uuid } = goal;
  const host = found?.host ?? hostAt(inputs.host);
  const adopted = isAdopted(goal.mark) ? found?.definition : undefined;
  const disks = await placeDisks(host, inputs, uuid, goal.olds?.outputs.volumes ?? {}, adopted);
  const seed = await placeSeed(host, inputs, uuid);
  if (found === undefined && (disks.size === 0 || [...disks.values()].some((disk) => disk.existed))) mayStart();

  const spec = managedSpec(inputs, uuid, disks, seed?.path);
  const managed = adopted === undefined ? spec : asItIs(spec, inputs, adopted);
  let domain: DefinedDomain;
  try {
    domain = found === undefined ? await defineNew(host, goal, managed) : await redefine(found, goal, managed);
    // A new domain is without autostart.
    if (found !== undefined || inputs.autostart) await domain.host.libvirt.domainSetAutostart({ dom: domain.domain, autostart: inputs.autostart ? 1 : 0 });
    domain = await changePower(ctx, domain, goal, disks);
  } catch (error) {
    if (found !== undefined && goal.olds !== undefined && isRefusal(error)) await takeBack(ctx, goal, found, disks);
    throw withProperty(error, inputs, managed);
  }
  await dropRemoved(goal, domain);
  const isSameRun = found !== undefined && isActive(found.state) && found.domain.id === domain.domain.id;
  return await outputsOf(ctx, goal, domain, disks, isSameRun);
}

/** libvirt or the guest said no: nothing is under way any more. */
function isRefusal(error: unknown): boolean {
  return error instanceof DroverError && !(error instanceof ConnectionLostError);
}

/** The state keeps what was declared before, so the definition goes back to it too, and disks that were made for the change go. */
async function takeBack(ctx: Context, goal: Goal, found: DefinedDomain, disks: ReadonlyMap<string, PlacedDisk>): Promise<void> {
  try {
    const now = await withDefinition(await seen(found));
    const former = found.definition.clone().apply({ name: now.definition.name });
    const domain = now.definition.format() === former.format() ? now : await define(now.host, former);
    if (isActive(domain.state)) await changeLive(domain, domain.definition, ctx.log);
    const used = new Set(await usedPaths(domain));
    for (const [name, { own, existed, path, volume }] of disks) {
      if (own !== undefined && !existed && goal.olds?.outputs.volumes[name] === undefined && !used.has(path)) await deleteVolume(own.pool, volume, claimOf(goal.uuid, name));
    }
  } catch (error) {
    ctx.log.warn(`what was changed of ${found.domain.name} on ${found.host.name} could not be taken back (${messageOf(error)}): run \`pulumi refresh\``);
  }
}

async function defineNew(host: ConnectedHost, goal: Goal, managed: ManagedSpec): Promise<DefinedDomain> {
  return await define(host, DomainDocument.create(await creationSpec(host, goal.inputs, managed, goal.mark)));
}

/** Patches what is managed into the definition that is there; an equal one is not defined again. */
async function redefine(domain: DefinedDomain, goal: Goal, managed: ManagedSpec): Promise<DefinedDomain> {
  const { inputs, olds } = goal;
  const { definition } = domain;
  const { name, cpu, ...rest } = managed;
  const wanted = definition.clone().apply({
    ...rest, mark: goal.mark,
    ...(cpu === undefined || cpu === olds?.inputs.cpu ? {} : { cpu }),
    // The declared machine is resolved once; only another wish changes what libvirt resolved it to.
    ...(olds === undefined || olds.inputs.machine === inputs.machine ? {} : { machine: inputs.machine }),
  });
  const defined = wanted.format() === definition.format() ? domain : await define(domain.host, wanted);
  return await rename(defined, name);
}

/** libvirt renames only what does not run; a running guest keeps its old name until it is stopped. */
async function rename(domain: DefinedDomain, name: string): Promise<DefinedDomain> {
  if (isActive(domain.state) || domain.domain.name === name) return domain;
  await domain.host.libvirt.domainRename({ dom: domain.domain, newName: name, flags: 0 });
  return await withDefinition({ host: domain.host, state: domain.state, domain: { ...domain.domain, name } });
}

/** Live changes, growth of disks, and power, in the order in which each is possible. */
async function changePower(ctx: Context, start: DefinedDomain, goal: Goal, disks: ReadonlyMap<string, PlacedDisk>): Promise<DefinedDomain> {
  const { inputs } = goal;
  let domain = start;
  if (isActive(domain.state) && !inputs.running) {
    await stopDomain(domain, inputs.shutdown ?? DEFAULT_STOP, ctx.log);
    domain = await seen(domain);
  }
  if (isActive(domain.state)) {
    await changeLive(domain, domain.definition, ctx.log);
    const live = await liveDocument(domain);
    await growDisks(disks, async (name, size) => {
      const target = live.disks.find((disk) => disk.name === name)?.target;
      if (target !== undefined) await growLiveDisk(domain, target, size);
    });
    const pending = await pendingOf(domain, inputs);
    if (inputs.restart !== "when-needed" || pending.length === 0) return await seen(domain);
    ctx.log.info(`restarting ${domain.domain.name} on ${domain.host.name} for ${pending.join(", ")}`);
    await stopDomain(domain, inputs.shutdown ?? DEFAULT_STOP, ctx.log);
    domain = await rename(await seen(domain), inputs.name ?? domain.domain.name);
  }
  await growDisks(disks, undefined);
  if (!inputs.running) return domain;
  try {
    await domain.host.libvirt.domainCreateWithFlags({ dom: domain.domain, flags: 0 });
  } catch (error) {
    const now = await seen(domain);
    if (!isActive(now.state)) throw error;
  }
  return await seen(domain);
}

const DEFAULT_STOP = { timeoutSeconds: 120, onTimeout: "fail" } as const;

/** The domain in the power state that it has now. */
async function seen(domain: DefinedDomain): Promise<DefinedDomain> {
  return { ...domain, state: await stateOf(domain.host, domain.domain) };
}

/** What the running guest does not have yet of its definition. */
async function pendingOf(domain: DefinedDomain, inputs: VirtualMachineInputs): Promise<string[]> {
  if (!isActive(domain.state)) return [];
  const pending = pendingChanges(await liveDocument(domain), domain.definition);
  return inputs.name === domain.domain.name ? pending : [...pending, "name"];
}

/** Deletes the data of disks that left the VM and were to be deleted, and seeds that were replaced, once no guest uses them. */
async function dropRemoved(goal: Goal, domain: DefinedDomain): Promise<void> {
  const { olds, inputs, uuid } = goal;
  if (olds === undefined) return;
  const removed = Object.entries(olds.inputs.disks ?? {}).flatMap(([name, disk]) => {
    const volume = olds.outputs.volumes[name];
    return inputs.disks?.[name] !== undefined || volume === undefined || disk.onRemove !== "delete" || disk.disk !== undefined ? [] : [{ name, disk, volume }];
  });
  if (removed.length === 0 && olds.inputs.cloudInit === undefined) return;
  const used = new Set(await usedPaths(domain));
  for (const { name, disk, volume } of removed) {
    const pool = poolOf(name, disk);
    if (used.has(`${pool.path}/${volume}`)) {
      throw new DroverError({ attempted: `delete the data of disk ${name} of ${domain.domain.name}`, host: domain.host.name, answer: "the guest has not let go of the disk", next: "unmount it in the guest or restart the guest, then run again" });
    }
    await deleteOwnVolume(domain.host, pool, volume, claimOf(uuid, name));
  }
  if (olds.inputs.cloudInit === undefined) return;
  const pool = seedPool(olds.inputs);
  for (const volume of await seedVolumes(domain, pool.path, olds.inputs.name ?? uuid)) {
    if (!used.has(`${pool.path}/${volume}`)) await deleteOwnVolume(domain.host, pool, volume, seedClaim(uuid));
  }
}

async function usedPaths(domain: DefinedDomain): Promise<string[]> {
  const documents = [domain.definition, ...(isActive(domain.state) ? [await liveDocument(domain)] : [])];
  return documents.flatMap((document) => [...document.disks.flatMap((disk) => disk.path ?? []), ...(document.seed === undefined ? [] : [document.seed])]);
}

/** Names of the VM's seeds, present and past ones, in a pool's folder. */
async function seedVolumes(place: DomainPlace, path: string, name: string): Promise<string[]> {
  const { pool } = await place.host.libvirt.storagePoolLookupByTargetPath({ path });
  const { vols } = await place.host.libvirt.storagePoolListAllVolumes({ pool, needResults: 1, flags: 0 });
  return vols.map((volume) => volume.name).filter((volume) => volume.startsWith(`${name}-seed-`) && volume.endsWith(".iso"));
}

/** @param isSameRun the guest ran before, and has not been restarted since */
async function outputsOf(ctx: Context, goal: Goal, place: DefinedDomain, disks: ReadonlyMap<string, PlacedDisk>, isSameRun: boolean): Promise<VirtualMachineOutputs> {
  const { inputs, uuid, olds } = goal;
  const { definition } = place;
  const macs = Object.fromEntries(definition.nics.flatMap((nic) => (nic.name === undefined || inputs.nics?.[nic.name] === undefined ? [] : [[nic.name, nic.mac.toLowerCase()]])));
  return {
    uuid, macs, runsOn: place.host.name, state: stateName(place.state), machineType: definition.machine,
    ipAddress: (await ipAddressOf(ctx, inputs, place, Object.values(macs), isSameRun && isDeepStrictEqual(macs, olds?.outputs.macs) ? olds?.outputs.ipAddress : undefined)) ?? "",
    volumes: Object.fromEntries([...disks].map(([name, disk]) => [name, disk.volume])),
    pending: await pendingOf(place, inputs),
  };
}

/** @param known that of a guest that goes on running: one that was moved, or is too busy to answer, has it still */
async function ipAddressOf(ctx: Context, inputs: VirtualMachineInputs, place: DomainPlace, macs: readonly string[], known: string | undefined): Promise<string | undefined> {
  if (!isActive(place.state) || macs.length === 0) return undefined;
  if (known !== undefined && known !== "") return (await addressOf(place, macs)) ?? known;
  if (inputs.waitForIp === undefined) return await addressOf(place, macs);
  const address = await waitForAddress(place, macs, inputs.waitForIp.timeoutSeconds, ctx.signal);
  if (address === undefined) {
    ctx.log.warn(`${place.domain.name} on ${place.host.name} has no address that libvirt's leases, its agent or the host's ARP table know, after ${inputs.waitForIp.timeoutSeconds} s`);
  }
  return address;
}

/** libvirt's refusal with the property that it speaks of. */
function withProperty(error: unknown, inputs: VirtualMachineInputs, managed: ManagedSpec): unknown {
  if (!(error instanceof LibvirtError)) return error;
  const property = propertyIn(error.answer, inputs, managed);
  if (property === undefined) return error;
  const step = error.procedure === "domainCreateWithFlags" ? "start" : error.procedure === "domainDefineXMLFlags" ? "define" : "change";
  return new DroverError({ attempted: `${step} VM ${managed.name} (property ${property})`, host: error.host, answer: error.answer,
    next: `change ${property}, or give the host what it names`, cause: error });
}

function propertyIn(answer: string, inputs: VirtualMachineInputs, managed: ManagedSpec): string | undefined {
  if (/machine type/i.test(answer)) return "machine";
  if (/firmware|loader|ovmf|\befi\b/i.test(answer)) return "firmware";
  if (/\bcpu\b/i.test(answer) && inputs.cpu !== undefined) return "cpu";
  for (const [name, disk] of Object.entries(managed.disks)) if (answer.includes(disk.path)) return `disks.${name}`;
  for (const [name, nic] of Object.entries(inputs.nics ?? {})) {
    const source = nic.bridge ?? nic.network?.name;
    if (source !== undefined && answer.includes(`'${source}'`)) return `nics.${name}.${nic.bridge === undefined ? "network" : "bridge"}`;
  }
  if (/bridge/i.test(answer)) return "nics";
  if (/memory/i.test(answer)) return "memory";
  return undefined;
}
