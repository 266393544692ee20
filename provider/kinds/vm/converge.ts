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
import { claimOf, deleteOwnVolume, seedClaim, growDisks, placeDisks, placeSeed, poolOf, seedPool, type PlacedDisk } from "./disks.js";
import { asItIs } from "./adopt.js";
import { define, definitionOf, isAdopted, refuseTakenDevices, refuseTakenName, stateName } from "./domain.js";
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
 * @throws DroverError for more memory than the host has; a name, MAC address or disk that another domain of the host has
 */
export async function refuse(goal: Goal, found: DomainPlace | undefined): Promise<void> {
  const { inputs, uuid, olds } = goal;
  const host = found?.host ?? hostAt(inputs.host);
  const name = inputs.name ?? uuid;
  await refuseTooMuchMemory(host, inputs);
  if (found?.domain.name !== name) await refuseTakenName(host, name, uuid);
  const macs = Object.entries(inputs.nics ?? {}).flatMap(([nic, { mac }]) => (mac === undefined || olds?.inputs.nics?.[nic]?.mac === mac ? [] : [mac.toLowerCase()]));
  const paths = Object.entries(inputs.disks ?? {}).flatMap(([each, { disk }]) => (disk === undefined || olds?.outputs.volumes[each] === disk.volume ? [] : [`${disk.pool.path}/${disk.volume}`]));
  await refuseTakenDevices(host, uuid, macs, paths);
}

/**
 * Brings a VM to what it shall be, whatever of it exists: volumes, definition, live devices, power. Each step looks at
 * what is there, so that a run that was cut off anywhere is finished by the next. A change that libvirt refuses is taken
 * back.
 * @param found where it is; `undefined` when it is known to be nowhere
 * @param mayStart called before a start when the volumes held data before this run
 */
export async function converge(ctx: Context, goal: Goal, found: DomainPlace | undefined, mayStart: () => void): Promise<VirtualMachineOutputs> {
  const { inputs, uuid } = goal;
  const host = found?.host ?? hostAt(inputs.host);
  const adopted = found !== undefined && isAdopted(goal.mark) ? await definitionOf(found) : undefined;
  const disks = await placeDisks(host, inputs, uuid, goal.olds?.outputs.volumes ?? {}, adopted);
  const seed = await placeSeed(host, inputs, uuid);
  if (found === undefined && (disks.size === 0 || [...disks.values()].some((disk) => disk.existed))) mayStart();

  const spec = managedSpec(inputs, uuid, disks, seed?.path);
  const managed = adopted === undefined ? spec : asItIs(spec, inputs, adopted);
  const before = found === undefined || goal.olds === undefined ? undefined : await definitionOf(found);
  let place: DomainPlace;
  try {
    place = found === undefined ? await defineNew(host, goal, managed) : await redefine(found, goal, managed);
    await place.host.libvirt.domainSetAutostart({ dom: place.domain, autostart: inputs.autostart ? 1 : 0 });
    place = await changePower(ctx, place, goal, disks);
  } catch (error) {
    if (found !== undefined && before !== undefined && isRefusal(error)) await takeBack(ctx, goal, found, before, disks);
    throw withProperty(error, inputs, managed);
  }
  await dropRemoved(goal, place);
  return await outputsOf(ctx, goal, place, disks);
}

/** libvirt or the guest said no: nothing is under way any more. */
function isRefusal(error: unknown): boolean {
  return error instanceof DroverError && !(error instanceof ConnectionLostError);
}

/** The state keeps what was declared before, so the definition goes back to it too, and disks that were made for the change go. */
async function takeBack(ctx: Context, goal: Goal, found: DomainPlace, before: DomainDocument, disks: ReadonlyMap<string, PlacedDisk>): Promise<void> {
  try {
    const place = await seen(found);
    const now = await definitionOf(place);
    const former = before.clone().apply({ name: now.name });
    if (now.format() !== former.format()) await define(place.host, former);
    if (isActive(place.state)) await changeLive(place, await definitionOf(place), ctx.log);
    const used = new Set(await usedPaths(place));
    for (const [name, { own, existed, path, volume }] of disks) {
      if (own !== undefined && !existed && goal.olds?.outputs.volumes[name] === undefined && !used.has(path)) await deleteVolume(own.pool, volume, claimOf(goal.uuid, name));
    }
  } catch (error) {
    ctx.log.warn(`what was changed of ${found.domain.name} on ${found.host.name} could not be taken back (${messageOf(error)}): run \`pulumi refresh\``);
  }
}

async function defineNew(host: ConnectedHost, goal: Goal, managed: ManagedSpec): Promise<DomainPlace> {
  return await define(host, DomainDocument.create(await creationSpec(host, goal.inputs, managed, goal.mark)));
}

/** Patches what is managed into the definition that is there; an equal one is not defined again. */
async function redefine(place: DomainPlace, goal: Goal, managed: ManagedSpec): Promise<DomainPlace> {
  const { inputs, olds } = goal;
  const definition = await definitionOf(place);
  const { name, cpu, ...rest } = managed;
  const wanted = definition.clone().apply({
    ...rest, mark: goal.mark,
    ...(cpu === undefined || cpu === olds?.inputs.cpu ? {} : { cpu }),
    // The declared machine is resolved once; only another wish changes what libvirt resolved it to.
    ...(olds === undefined || olds.inputs.machine === inputs.machine ? {} : { machine: inputs.machine }),
  });
  const defined = wanted.format() === definition.format() ? place : await define(place.host, wanted);
  return await rename(defined, name);
}

/** libvirt renames only what does not run; a running guest keeps its old name until it is stopped. */
async function rename(place: DomainPlace, name: string): Promise<DomainPlace> {
  if (isActive(place.state) || place.domain.name === name) return place;
  await place.host.libvirt.domainRename({ dom: place.domain, newName: name, flags: 0 });
  return { ...place, domain: { ...place.domain, name } };
}

/** Live changes, growth of disks, and power, in the order in which each is possible. */
async function changePower(ctx: Context, start: DomainPlace, goal: Goal, disks: ReadonlyMap<string, PlacedDisk>): Promise<DomainPlace> {
  const { inputs } = goal;
  let place = start;
  if (isActive(place.state) && !inputs.running) {
    await stopDomain(place, inputs.shutdown ?? DEFAULT_STOP, ctx.log);
    place = await seen(place);
  }
  if (isActive(place.state)) {
    const definition = await definitionOf(place);
    await changeLive(place, definition, ctx.log);
    const live = await liveDocument(place);
    await growDisks(disks, async (name, size) => {
      const target = live.disks.find((disk) => disk.name === name)?.target;
      if (target !== undefined) await growLiveDisk(place, target, size);
    });
    const pending = await pendingOf(place, inputs);
    if (inputs.restart !== "when-needed" || pending.length === 0) return await seen(place);
    ctx.log.info(`restarting ${place.domain.name} on ${place.host.name} for ${pending.join(", ")}`);
    await stopDomain(place, inputs.shutdown ?? DEFAULT_STOP, ctx.log);
    place = await seen(place);
    place = await rename(place, inputs.name ?? place.domain.name);
  }
  await growDisks(disks, undefined);
  if (!inputs.running) return place;
  try {
    await place.host.libvirt.domainCreateWithFlags({ dom: place.domain, flags: 0 });
  } catch (error) {
    const now = await seen(place);
    if (!isActive(now.state)) throw error;
  }
  return await seen(place);
}

const DEFAULT_STOP = { timeoutSeconds: 120, onTimeout: "fail" } as const;

async function seen(place: DomainPlace): Promise<DomainPlace> {
  return { ...place, state: await stateOf(place.host, place.domain) };
}

/** What the running guest does not have yet of its definition. */
async function pendingOf(place: DomainPlace, inputs: VirtualMachineInputs): Promise<string[]> {
  if (!isActive(place.state)) return [];
  const pending = pendingChanges(await liveDocument(place), await definitionOf(place));
  return inputs.name === place.domain.name ? pending : [...pending, "name"];
}

/** Deletes the data of disks that left the VM and were to be deleted, and seeds that were replaced, once no guest uses them. */
async function dropRemoved(goal: Goal, place: DomainPlace): Promise<void> {
  const { olds, inputs, uuid } = goal;
  if (olds === undefined) return;
  const used = new Set(await usedPaths(place));
  for (const [name, disk] of Object.entries(olds.inputs.disks ?? {})) {
    const volume = olds.outputs.volumes[name];
    if (inputs.disks?.[name] !== undefined || volume === undefined || disk.onRemove !== "delete" || disk.disk !== undefined) continue;
    const pool = poolOf(name, disk);
    if (used.has(`${pool.path}/${volume}`)) {
      throw new DroverError({ attempted: `delete the data of disk ${name} of ${place.domain.name}`, host: place.host.name, answer: "the guest has not let go of the disk", next: "unmount it in the guest or restart the guest, then run again" });
    }
    await deleteOwnVolume(place.host, pool, volume, claimOf(uuid, name));
  }
  if (olds.inputs.cloudInit === undefined) return;
  const pool = seedPool(olds.inputs);
  for (const volume of await seedVolumes(place, pool.path, olds.inputs.name ?? uuid)) {
    if (!used.has(`${pool.path}/${volume}`)) await deleteOwnVolume(place.host, pool, volume, seedClaim(uuid));
  }
}

async function usedPaths(place: DomainPlace): Promise<string[]> {
  const documents = [await definitionOf(place), ...(isActive(place.state) ? [await liveDocument(place)] : [])];
  return documents.flatMap((document) => [...document.disks.flatMap((disk) => disk.path ?? []), ...(document.seed === undefined ? [] : [document.seed])]);
}

/** Names of the VM's seeds, present and past ones, in a pool's folder. */
async function seedVolumes(place: DomainPlace, path: string, name: string): Promise<string[]> {
  const { pool } = await place.host.libvirt.storagePoolLookupByTargetPath({ path });
  const { vols } = await place.host.libvirt.storagePoolListAllVolumes({ pool, needResults: 1, flags: 0 });
  return vols.map((volume) => volume.name).filter((volume) => volume.startsWith(`${name}-seed-`) && volume.endsWith(".iso"));
}

async function outputsOf(ctx: Context, goal: Goal, place: DomainPlace, disks: ReadonlyMap<string, PlacedDisk>): Promise<VirtualMachineOutputs> {
  const { inputs, uuid } = goal;
  const definition = await definitionOf(place);
  const macs = Object.fromEntries(definition.nics.flatMap((nic) => (nic.name === undefined || inputs.nics?.[nic.name] === undefined ? [] : [[nic.name, nic.mac.toLowerCase()]])));
  return {
    uuid, macs, runsOn: place.host.name, state: stateName(place.state), machineType: definition.machine,
    ipAddress: (await ipAddressOf(ctx, inputs, place, Object.values(macs))) ?? "",
    volumes: Object.fromEntries([...disks].map(([name, disk]) => [name, disk.volume])),
    pending: await pendingOf(place, inputs),
  };
}

async function ipAddressOf(ctx: Context, inputs: VirtualMachineInputs, place: DomainPlace, macs: readonly string[]): Promise<string | undefined> {
  if (!isActive(place.state) || macs.length === 0) return undefined;
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
