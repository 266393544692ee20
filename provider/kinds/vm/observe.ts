import { addressOf } from "../../apply/addresses.js";
import { liveDocument } from "../../apply/live-change.js";
import { parseBytes } from "../../base/bytes.js";
import type { Context } from "../../engine/handler.js";
import { isActive, type DomainPlace } from "../../inventory/domains.js";
import type { VirtualMachineInputs, VirtualMachineOutputs, VmDisk, VmNic } from "../../schema/index.js";
import { pendingChanges, type DomainDocument, type NicDevice } from "../../xml/index.js";
import { isPresent, poolOf } from "./disks.js";
import { definitionOf, sizeText, stateName } from "./domain.js";

/**
 * A VM as it would be declared today. What equals the declaration keeps its words; what libvirt fills in by itself is not
 * looked at; a change that waits for a restart is no drift, while a running guest that lost something else shows that.
 */
export async function observe(ctx: Context, place: DomainPlace, olds: { readonly inputs: VirtualMachineInputs; readonly outputs: VirtualMachineOutputs }): Promise<{ inputs: VirtualMachineInputs; outputs: VirtualMachineOutputs }> {
  const definition = await definitionOf(place);
  const live = isActive(place.state) ? await liveDocument(place) : undefined;
  // A device that waits for the restart is not missing from the running guest.
  const waits = (property: string): boolean => olds.outputs.pending.includes(property);
  const pending = live === undefined ? [] : [...pendingChanges(live, definition), ...(definition.name === olds.inputs.name ? [] : ["name"])];
  const known = pending.filter(waits);
  const drifted = (property: string): boolean => pending.includes(property) && !known.includes(property);
  const shown = (property: string): DomainDocument => (live !== undefined && drifted(property) ? live : definition);

  const { inputs } = olds;
  const { autostart } = await place.host.libvirt.domainGetAutostart({ dom: place.domain });
  const memory = shown("memory").memory.current;
  const { macs } = olds.outputs;
  return {
    inputs: {
      ...inputs,
      ...(known.includes("name") ? {} : { name: definition.name }),
      running: live !== undefined,
      autostart: autostart === 1,
      vcpus: shown("vcpus").vcpus,
      memory: memory === parseBytes(inputs.memory) ? inputs.memory : sizeText(memory),
      ...(inputs.title === undefined && definition.title === "" ? {} : { title: definition.title }),
      disks: await presentDisks(ctx, place, definition, live, waits, inputs, olds.outputs.volumes),
      // An input that was never given is no drift.
      ...(inputs.nics === undefined ? {} : { nics: presentNics(definition, live, waits, inputs, macs) }),
    },
    outputs: {
      ...olds.outputs, macs, runsOn: place.host.name, state: stateName(place.state), machineType: definition.machine, pending: known,
      ipAddress: live === undefined ? "" : (await addressOf(place, Object.values(macs))) ?? "",
    },
  };
}

/** Disks that are attached and whose volumes are there; one that lost either is shown as missing. */
async function presentDisks(ctx: Context, place: DomainPlace, definition: DomainDocument, live: DomainDocument | undefined, waits: (property: string) => boolean, inputs: VirtualMachineInputs, volumes: Readonly<Record<string, string>>): Promise<Record<string, VmDisk>> {
  const present: Record<string, VmDisk> = {};
  for (const [name, disk] of Object.entries(inputs.disks ?? {})) {
    if (!has(definition.disks, name) || (live !== undefined && !has(live.disks, name) && !waits(`disks.${name}`))) continue;
    const volume = volumes[name];
    if (volume !== undefined && !(await isPresent(place.host, poolOf(name, disk), volume))) {
      ctx.log.error(`volume ${volume} of disk ${name} is gone from ${poolOf(name, disk).path} on ${place.host.name}; bring it back, or say recreate: true ${disk.disk === undefined ? `in disks.${name}` : "in its Disk"} to start with an empty one`);
      continue;
    }
    present[name] = disk;
  }
  return present;
}

function presentNics(definition: DomainDocument, live: DomainDocument | undefined, waits: (property: string) => boolean, inputs: VirtualMachineInputs, macs: Readonly<Record<string, string>>): Record<string, VmNic> {
  return Object.fromEntries(Object.entries(inputs.nics ?? {}).flatMap(([name, nic]): [string, VmNic][] => {
    const defined = definition.nics.find((each) => each.name === name);
    const running = live?.nics.find((each) => each.name === name);
    if (defined === undefined || (live !== undefined && running === undefined && !waits(`nics.${name}`))) return [];
    return [[name, observedNic(nic, running ?? defined, macs[name])]];
  }));
}

function observedNic(declared: VmNic, device: NicDevice, mac: string | undefined): VmNic {
  const { network, bridge, ...rest } = declared;
  const source = device.source;
  const same = source === undefined || ("network" in source ? network?.name === source.network : bridge === source.bridge || bridge === undefined);
  const plugged = same ? { ...(network === undefined ? {} : { network }), ...(bridge === undefined ? {} : { bridge }) }
    : "network" in source ? { network: { name: source.network } } : { bridge: source.bridge };
  return { ...rest, ...plugged, link: device.link, ...(mac !== undefined && device.mac.toLowerCase() !== mac ? { mac: device.mac.toLowerCase() } : {}) };
}

function has(devices: readonly { readonly name: string | undefined }[], name: string): boolean {
  return devices.some((device) => device.name === name);
}
