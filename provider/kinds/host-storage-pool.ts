import { bytes, formatBytes } from "../base/bytes.js";
import { DroverError } from "../base/error.js";
import { KeyedMutex } from "../base/keyed-mutex.js";
import { PartialFailure, type Context, type Handler } from "../engine/handler.js";
import { hostAt, type ConnectedHost } from "../inventory/hosts.js";
import { derivedUuid } from "../inventory/identity.js";
import { isPartOf, POOL_MARKER, readPoolMarker, writePoolMarker, type PoolMarker } from "../inventory/pool-marker.js";
import { lookupPool, lookupPoolByName, refreshPool, withVolume, type OpenPool } from "../inventory/pools.js";
import { lookupVolume } from "../inventory/small-volume.js";
import { LibvirtError, type StoragePoolRef } from "../libvirt/index.js";
import type { HostStoragePoolInputs, HostStoragePoolOutputs } from "../schema/index.js";
import { PoolDocument } from "../xml/index.js";

/** The parts of one pool are made one after another: the first writes the marker, the others must see it. */
const parts = new KeyedMutex();

/** Capacity in the state of a part whose making never ended, so that it never held anything. */
const UNFINISHED = formatBytes(bytes(0));

export const handler: Handler<HostStoragePoolInputs, HostStoragePoolOutputs> = {
  check(_ctx, { olds, news }) {
    // What it was made as stays, when the program calls it something else by an alias or has another first host.
    const pool = olds?.pool ?? news.pool;
    return { inputs: { ...news, pool, name: news.name ?? olds?.name ?? pool, build: news.build ?? !news.shared, owner: olds?.owner ?? news.owner } };
  },

  diff(_ctx, { olds, standard }) {
    return { ...standard, changes: standard.changes || !olds.outputs.active };
  },

  async create(ctx, { inputs, key }) {
    const host = hostAt(inputs.host);
    return await parts.run([inputs.pool], async () => {
      const handle = await definePool(host, inputs, await uuidOf(ctx, inputs, key));
      try {
        return { id: handle.uuid, outputs: await finish(ctx, host, handle, inputs) };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        throw new PartialFailure({ id: handle.uuid, outputs: { uuid: handle.uuid, capacity: UNFINISHED, active: false } }, error);
      }
    });
  },

  async read(_ctx, { id, olds }) {
    const host = hostAt(olds.inputs.host);
    const handle = await lookupPool(id, host);
    if (handle === undefined) return undefined;
    const active = await isActive(host, handle);
    if (active) await requireMarker(host, handle, olds.inputs);
    const { autostart } = await host.libvirt.storagePoolGetAutostart({ pool: handle });
    return { id, inputs: { ...olds.inputs, autostart: autostart === 1 }, outputs: await outputsOf(host, handle) };
  },

  async update(ctx, { id, olds, news }) {
    const host = hostAt(news.host);
    return await parts.run([news.pool], async () => {
      const handle = (await lookupPool(id, host)) ?? (await definePool(host, news, id));
      return await finish(ctx, host, handle, news, olds.outputs.capacity !== UNFINISHED);
    });
  },

  async delete(_ctx, { id, olds }) {
    const host = hostAt(olds.inputs.host);
    await parts.run([olds.inputs.pool], async () => {
      const handle = await lookupPool(id, host);
      if (handle === undefined) return;
      if (olds.inputs.adopt) await releasePool(host, handle, olds.inputs);
      else if (olds.outputs.capacity === UNFINISHED) await removeUnfinished(host, handle, olds.inputs);
      else await removePool(host, handle, olds.inputs);
    });
  },
};

/**
 * UUID of the pool: that of the parts that are there, else derived. A pool's owner is its first host's, and another host
 * may be first when a part is added later. It is the same on each host, so the types of its parents count, and not the
 * part's own name.
 */
async function uuidOf(ctx: Context, inputs: HostStoragePoolInputs, key: string): Promise<string> {
  const found = await askPeers(ctx, inputs, async (peer) => {
    const host = hostAt(peer);
    const handle = await lookupPoolByName(inputs.name ?? inputs.pool, host);
    if (handle === undefined || !(await isActive(host, handle))) return undefined;
    const marker = await readPoolMarker(opened(host, handle, inputs));
    return marker !== undefined && isPartOf(marker, peer) ? marker.uuid : undefined;
  });
  if (found !== undefined) return found;
  const [types = ""] = key.split("::");
  return derivedUuid(inputs.owner, "StoragePool", `${types}::${inputs.pool}`);
}

/** Finds our pool, takes over somebody's by `adopt`, or defines a new one. */
async function definePool(host: ConnectedHost, inputs: HostStoragePoolInputs, uuid: string): Promise<StoragePoolRef> {
  const name = inputs.name ?? inputs.pool;
  const ours = await lookupPool(uuid, host);
  if (ours !== undefined) return await asDeclared(host, ours, name, inputs);
  const foreign = await lookupPoolByName(name, host);
  if (foreign !== undefined) {
    if (inputs.adopt) return await adoptable(host, foreign, inputs);
    throw new DroverError({ attempted: `make storage pool ${name}`, host: host.name, answer: `there is a pool of that name that this resource did not make (UUID ${foreign.uuid})`,
      next: "give this one another name, or say adopt: true to take it over" });
  }
  const xml = PoolDocument.create({ name, uuid, type: inputs.type, path: inputs.path }).format();
  return (await host.libvirt.storagePoolDefineXML({ xml, flags: 0 })).pool;
}

/** @throws DroverError when the pool was made as another one: the program called that one by this one's name, or a run was cut off and the program changed since */
async function asDeclared(host: ConnectedHost, ours: StoragePoolRef, name: string, inputs: HostStoragePoolInputs): Promise<StoragePoolRef> {
  const { path } = PoolDocument.parse((await host.libvirt.storagePoolGetXMLDesc({ pool: ours, flags: 0 })).xml);
  if (ours.name === name && path === inputs.path) return ours;
  throw new DroverError({ attempted: `make storage pool ${name} (folder ${inputs.path})`, host: host.name, answer: `the program made pool ${ours.name} (folder ${path}) under this name before`,
    next: `if that one is still in the program by an alias, call this one something else there; if a run was cut off, undefine it: \`virsh pool-destroy ${ours.name}; virsh pool-undefine ${ours.name}\`` });
}

async function adoptable(host: ConnectedHost, foreign: StoragePoolRef, inputs: HostStoragePoolInputs): Promise<StoragePoolRef> {
  const document = PoolDocument.parse((await host.libvirt.storagePoolGetXMLDesc({ pool: foreign, flags: 0 })).xml);
  if (document.type === inputs.type && document.path === inputs.path) return foreign;
  throw new DroverError({ attempted: `adopt storage pool ${foreign.name}`, host: host.name, answer: `it is a ${document.type} pool at ${document.path}, not a ${inputs.type} pool at ${inputs.path}`,
    next: "declare it as it is" });
}

/**
 * Everything after the definition: build, start, autostart, marker. Each step is left out where it is done.
 * @param hadMarker it was finished before: a folder without the marker is another one now
 */
async function finish(ctx: Context, host: ConnectedHost, handle: StoragePoolRef, inputs: HostStoragePoolInputs, hadMarker = false): Promise<HostStoragePoolOutputs> {
  if (!(await isActive(host, handle))) {
    if (inputs.build === true) await host.libvirt.storagePoolBuild({ pool: handle, flags: 0 });
    await start(host, handle, inputs);
  }
  await host.libvirt.storagePoolSetAutostart({ pool: handle, autostart: inputs.autostart ? 1 : 0 });
  const open = opened(host, handle, inputs);
  await refreshPool(open);
  if (hadMarker) await requireMarker(host, handle, inputs);
  await mark(ctx, open, inputs);
  return await outputsOf(host, handle);
}

async function start(host: ConnectedHost, handle: StoragePoolRef, inputs: HostStoragePoolInputs): Promise<void> {
  try {
    await host.libvirt.storagePoolCreate({ pool: handle, flags: 0 });
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    throw new DroverError({ attempted: `start storage pool ${handle.name} (folder ${inputs.path})`, host: host.name, answer: error.answer, cause: error,
      next: inputs.shared ? `mount the shared file system at ${inputs.path} on ${host.name}` : `make the folder ${inputs.path} on ${host.name}, or say build: true` });
  }
}

/**
 * Writes or verifies the marker. In a shared pool this host enters itself into the marker, and each peer that has the
 * pool must see that: only then is the folder one.
 */
async function mark(ctx: Context, open: OpenPool, inputs: HostStoragePoolInputs): Promise<void> {
  const found = await readPoolMarker(open);
  if (found !== undefined && found.uuid !== open.handle.uuid && !inputs.adopt) {
    throw new DroverError({ attempted: `use the folder ${inputs.path} for storage pool ${open.name}`, host: open.host.name,
      answer: `it belongs to another pool (UUID ${found.uuid}, owner ${found.owner})`, next: "choose another folder; a pool that moved here from another stack is taken over by adopt: true" });
  }
  const marker: PoolMarker = {
    owner: found?.owner ?? inputs.owner, uuid: found?.uuid ?? open.handle.uuid,
    hosts: { ...found?.hosts, [inputs.host.name]: inputs.host.uri },
    owners: { ...found?.owners, [inputs.host.name]: inputs.host.owner },
  };
  if (inputs.shared && found === undefined) await refuseSecondMarker(ctx, open, inputs);
  if (JSON.stringify(found) !== JSON.stringify(marker)) await withVolume(open, POOL_MARKER, () => writePoolMarker(open, marker));
  if (inputs.shared) await verifyShared(ctx, open, inputs);
}

/** A part without a marker whose peer has one does not see the peer's folder. */
async function refuseSecondMarker(ctx: Context, open: OpenPool, inputs: HostStoragePoolInputs): Promise<void> {
  const name = await askPeers(ctx, inputs, async (peer) => {
    const other = await peerPool(open, peer);
    return other !== undefined && (await readPoolMarker(other)) !== undefined ? peer.name : undefined;
  });
  if (name !== undefined) throw notShared(open, name);
}

async function verifyShared(ctx: Context, open: OpenPool, inputs: HostStoragePoolInputs): Promise<void> {
  const name = await askPeers(ctx, inputs, async (peer) => {
    const other = await peerPool(open, peer);
    if (other === undefined) return undefined;
    // A peer's libvirt that has not read the folder since knows nothing of the marker.
    const seen = (await readPoolMarker(other)) ?? (await refreshPool(other).then(() => readPoolMarker(other)));
    return seen?.hosts[inputs.host.name] === inputs.host.uri && isPartOf(seen, inputs.host) ? undefined : peer.name;
  });
  if (name !== undefined) throw notShared(open, name);
}

/**
 * The first answer of a peer that is not `undefined`. A peer that can not be asked is told of and left out: when its own
 * part is made or repaired, it asks this one.
 */
async function askPeers(ctx: Context, inputs: HostStoragePoolInputs, ask: (peer: HostStoragePoolInputs["host"]) => Promise<string | undefined>): Promise<string | undefined> {
  for (const peer of inputs.peers ?? []) {
    try {
      const answer = await ask(peer);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!(error instanceof DroverError)) throw error;
      ctx.log.warn(`${peer.name} was not asked for its part of the pool: ${error.answer}`);
    }
  }
  return undefined;
}

/** The pool on a peer; `undefined` where the peer has no part of it yet. */
async function peerPool(open: OpenPool, peer: HostStoragePoolInputs["host"]): Promise<OpenPool | undefined> {
  const host = hostAt(peer);
  const handle = (await lookupPool(open.handle.uuid, host)) ?? (await lookupPoolByName(open.name, host));
  if (handle === undefined || !(await isActive(host, handle))) return undefined;
  return { ...open, host, handle };
}

function notShared(open: OpenPool, peer: string): DroverError {
  return new DroverError({ attempted: `share storage pool ${open.name} (folder ${open.path})`, host: open.host.name,
    answer: `what ${open.host.name} writes there is not seen on ${peer}: they are two folders`,
    next: `mount the same file system at ${open.path} on both, or declare the pool with shared: false` });
}

/** Stops and undefines a pool; never one that still holds volumes, unless other hosts share it. */
async function removePool(host: ConnectedHost, handle: StoragePoolRef, inputs: HostStoragePoolInputs): Promise<void> {
  if (!(await isActive(host, handle))) await start(host, handle, inputs);
  const open = opened(host, handle, inputs);
  await refreshPool(open);
  const marker = await requireMarker(host, handle, inputs);
  if (!inputs.shared || Object.keys(marker.hosts).every((name) => name === inputs.host.name)) await refuseVolumes(open);
  await leaveMarker(open, marker, inputs);
  await host.libvirt.storagePoolDestroy({ pool: handle });
  await host.libvirt.storagePoolUndefine({ pool: handle });
}

/** Takes this host out of the marker, and the marker away with the last one. */
async function leaveMarker(open: OpenPool, marker: PoolMarker, inputs: HostStoragePoolInputs): Promise<void> {
  const hosts = without(marker.hosts, inputs.host.name);
  await withVolume(open, POOL_MARKER, async () => {
    if (Object.keys(hosts).length > 0) {
      await writePoolMarker(open, { ...marker, hosts, owners: without(marker.owners, inputs.host.name) });
      return;
    }
    const volume = await lookupVolume(open, POOL_MARKER);
    if (volume !== undefined) await open.host.libvirt.storageVolDelete({ vol: volume, flags: 0 });
  });
}

/** Lets an adopted pool go as it is, with its volumes: only our entry in its marker is taken back. */
async function releasePool(host: ConnectedHost, handle: StoragePoolRef, inputs: HostStoragePoolInputs): Promise<void> {
  if (!(await isActive(host, handle))) return;
  const open = opened(host, handle, inputs);
  await refreshPool(open);
  const marker = await readPoolMarker(open);
  if (marker !== undefined && isPartOf(marker, inputs.host)) await leaveMarker(open, marker, inputs);
}

/** Removes a part whose making failed: its folder may be missing, or be another pool's, whose content stays as it is. */
async function removeUnfinished(host: ConnectedHost, handle: StoragePoolRef, inputs: HostStoragePoolInputs): Promise<void> {
  if (await isActive(host, handle)) {
    const open = opened(host, handle, inputs);
    const marker = await readPoolMarker(open);
    if (marker?.uuid === handle.uuid && isPartOf(marker, inputs.host)) {
      await removePool(host, handle, inputs);
      return;
    }
    await host.libvirt.storagePoolDestroy({ pool: handle });
  }
  await host.libvirt.storagePoolUndefine({ pool: handle });
}

function without(named: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(named).filter(([each]) => each !== name));
}

async function refuseVolumes(open: OpenPool): Promise<void> {
  const { vols } = await open.host.libvirt.storagePoolListAllVolumes({ pool: open.handle, needResults: 1, flags: 0 });
  const held = vols.map((volume) => volume.name).filter((name) => name !== POOL_MARKER);
  if (held.length === 0) return;
  throw new DroverError({ attempted: `delete storage pool ${open.name}`, host: open.host.name, answer: `it still holds ${held.length} volumes: ${held.slice(0, 10).join(", ")}${held.length > 10 ? ", …" : ""}`,
    next: "delete or move them first; to let the pool go with its data, remove it from the state: `pulumi state delete URN`" });
}

async function requireMarker(host: ConnectedHost, handle: StoragePoolRef, inputs: HostStoragePoolInputs): Promise<PoolMarker> {
  const marker = await readPoolMarker(opened(host, handle, inputs));
  if (marker !== undefined) return marker;
  throw new DroverError({ attempted: `verify storage pool ${handle.name}`, host: host.name, answer: `its marker ${POOL_MARKER} is not in ${inputs.path}: the file system is probably not mounted`,
    next: `mount it on ${host.name} and run again; nothing was changed` });
}

function opened(host: ConnectedHost, handle: StoragePoolRef, inputs: HostStoragePoolInputs): OpenPool {
  return { host, handle, name: handle.name, path: inputs.path };
}

async function isActive(host: ConnectedHost, handle: StoragePoolRef): Promise<boolean> {
  return (await host.libvirt.storagePoolIsActive({ pool: handle })).active === 1;
}

async function outputsOf(host: ConnectedHost, handle: StoragePoolRef): Promise<HostStoragePoolOutputs> {
  const active = await isActive(host, handle);
  const { capacity } = await host.libvirt.storagePoolGetInfo({ pool: handle });
  return { uuid: handle.uuid, capacity: formatBytes(bytes(Number(capacity))), active };
}
