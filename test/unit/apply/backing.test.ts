import assert from "node:assert/strict";
import { it } from "node:test";
import { backedBy } from "../../../provider/apply/backing.js";
import type { ConnectedHost } from "../../../provider/inventory/hosts.js";
import type { OpenPool } from "../../../provider/inventory/pools.js";
import { ErrorCode, ErrorDomain, LibvirtError, type StoragePoolRef } from "../../../provider/libvirt/index.js";

const refusal = (procedure: string, code: number): LibvirtError => new LibvirtError(procedure, "ash", { code, domain: ErrorDomain.STORAGE, message: "no", level: 2, dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null });

/** A host with the pool `own`, and with `other`, of which listing the volumes fails. */
function hostWith(error: LibvirtError): ConnectedHost {
  const pools = ["own", "other"].map((name): StoragePoolRef => ({ name, uuid: `uuid-${name}` }));
  const libvirt = {
    storagePoolRefresh: () => Promise.resolve(),
    storageVolLookupByName: () => Promise.reject(refusal("storageVolLookupByName", ErrorCode.NO_STORAGE_VOL)),
    connectListAllStoragePools: () => Promise.resolve({ pools, ret: 2 }),
    storagePoolListAllVolumes: ({ pool }: { pool: StoragePoolRef }) => (pool.name === "other" ? Promise.reject(error)
      : Promise.resolve({ vols: [{ pool: "own", name: "layer", key: "/own/layer" }], ret: 1 })),
    storageVolGetXMLDesc: () => Promise.resolve({ xml: "<volume><name>layer</name><target><path>/own/layer</path></target><backingStore><path>/own/base</path><format type='raw'/></backingStore></volume>" }),
  };
  return { name: "ash", address: { name: "ash", uri: "qemu:///system", owner: "o" }, libvirt } as unknown as ConnectedHost;
}

const poolOn = (host: ConnectedHost): OpenPool => ({ host, name: "own", path: "/own", handle: { name: "own", uuid: "uuid-own" } });

for (const code of ["NO_STORAGE_POOL", "OPERATION_INVALID"] as const) {
  it(`what rests on a volume is found though another pool of the host is just being removed (${code})`, async () => {
    assert.deepEqual(await backedBy(poolOn(hostWith(refusal("storagePoolListAllVolumes", ErrorCode[code]))), "base"), ["own/layer"]);
  });
}

it("what rests on a volume is not known where a pool does not say what it holds", async () => {
  await assert.rejects(backedBy(poolOn(hostWith(refusal("storagePoolListAllVolumes", ErrorCode.INTERNAL_ERROR))), "base"), /could not call storagePoolListAllVolumes on ash/);
});
