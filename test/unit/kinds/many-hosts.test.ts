import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { Cluster, Host, Network, StoragePool } from "../../../provider/kinds/index.js";

const COUNT = 30;
const begun: string[] = [];
const ended: string[] = [];

/** What the engine would be told that a value rests on. */
async function restsOn(value: unknown): Promise<string[]> {
  const resources = await (Reflect.get(pulumi.output(value), "allResources") as () => Promise<ReadonlySet<pulumi.Resource>>)();
  return await Promise.all([...resources].map((each) => new Promise<string>((resolve) => { each.urn.apply((urn) => { resolve(urn.slice(urn.lastIndexOf("::") + 2)); }); })));
}

describe("what rests on many hosts", () => {
  let hosts: readonly Host[];

  before(async () => {
    await pulumi.runtime.setMocks({
      async newResource({ type, name, inputs }) {
        begun.push(name);
        await sleep(name.endsWith("host-7") ? 50 : 5);
        ended.push(name);
        const state = inputs as Record<string, unknown>;
        return { id: `id of ${name}`, state: type.endsWith(":Placement") ? { ...state, assignments: { web: { name: "host-3" } } } : state };
      },
      call: () => ({}),
    });
    hosts = Array.from({ length: COUNT }, (_, index) => new Host(`host-${index}`, { uri: `qemu+ssh://host-${index}/system`, ssh: { configFile: `config-${index}` } }));
  });

  it("depends on the first and last part of a shared pool, and no more for more hosts", async () => {
    const pool = new StoragePool("disks", { hosts, path: "/srv/disks", shared: true });
    const found = await restsOn(pool.ref);
    assert.deepEqual(found.filter((name) => name.startsWith("disks-")).sort(), ["disks-host-0", `disks-host-${COUNT - 1}`]);
    assert.ok(found.length <= 6, found.join(", "));
    const last = `disks-host-${COUNT - 1}`;
    const others = ended.slice(0, ended.indexOf(last)).filter((name) => name.startsWith("disks-"));
    assert.equal(others.length, COUNT - 1, "the last part was made before another was there");
    assert.ok(begun.indexOf(last) > ended.indexOf("disks-host-7"));
  });

  it("depends on the first and last part of a network", async () => {
    const network = new Network("lan", { hosts, bridge: "br0" });
    assert.deepEqual((await restsOn(network.ref)).sort(), ["lan-host-0", `lan-host-${COUNT - 1}`]);
  });

  it("knows of a VM's place how to log in there, and depends on no other host for it", async () => {
    const cluster = new Cluster("prod", { hosts, roster: "manual" });
    const place = cluster.enlist("web", { key: "web" } as never, undefined);
    const ssh = Reflect.get(place.host, "ssh") as pulumi.Output<unknown>;
    cluster.close();
    assert.deepEqual(await new Promise((resolve) => { ssh.apply(resolve); }), { configFile: "config-3" });
    assert.deepEqual((await restsOn(ssh)).sort(), ["host-3", "prod"]);
  });
});
