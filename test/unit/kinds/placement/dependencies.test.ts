import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../../../../provider/engine/handler.js";
import { namedHa } from "../../../../provider/kinds/cluster/member.js";
import { refuseImpossibleDependencies, whoIsWaitedForInVain } from "../../../../provider/kinds/placement/dependencies.js";
import type { PlacementInputs } from "../../../../provider/schema/index.js";

const cluster = (vms: Readonly<Record<string, readonly string[] | undefined>>): Pick<PlacementInputs, "cluster" | "vms"> =>
  ({ cluster: "prod", vms: Object.fromEntries(Object.entries(vms).map(([name, dependsOn]) => [name, dependsOn === undefined ? {} : { ha: { priority: 50, dependsOn } }])) }) as unknown as Pick<PlacementInputs, "cluster" | "vms">;

describe("what VMs of a cluster depend on", () => {
  it("may be any others", () => {
    refuseImpossibleDependencies(cluster({ web: ["db", "cache"], db: [], cache: ["db"], other: undefined }));
  });

  it("is refused where the cluster does not have it, with the name that was meant", () => {
    assert.throws(() => { refuseImpossibleDependencies(cluster({ web: ["dbb"], "shop/db": [] })); }, /restart VM web of cluster prod after dbb[^]*no VM of this name/);
    assert.throws(() => { refuseImpossibleDependencies(cluster({ web: ["db"], "shop/db": [] })); }, /called shop\/db/);
  });

  it("is refused where VMs wait for each other, with all of them by name", () => {
    assert.throws(() => { refuseImpossibleDependencies(cluster({ web: ["app"], app: ["db"], db: ["app"] })); }, /app → db → app/);
    assert.throws(() => { refuseImpossibleDependencies(cluster({ web: ["web"] })); }, /web → web/);
  });

  it("may not be known yet in a preview", () => {
    refuseImpossibleDependencies({ cluster: "prod", vms: { web: UNKNOWN, app: { ha: UNKNOWN }, db: { ha: { dependsOn: UNKNOWN } }, one: { ha: { dependsOn: [UNKNOWN] } } } } as unknown as PlacementInputs);
  });

  it("is told where no guard restarts it", () => {
    assert.match(whoIsWaitedForInVain(cluster({ web: ["db"], db: undefined })) ?? "", /prod: web on db/);
    assert.equal(whoIsWaitedForInVain(cluster({ web: ["db"], db: [] })), undefined);
  });
});

describe("VMs that another depends on", () => {
  it("are taken by name and as resources", () => {
    assert.deepEqual(namedHa("web", { priority: 80, dependsOn: ["db", { memberName: "shop/cache" }] }), { priority: 80, dependsOn: ["db", "shop/cache"] });
    assert.deepEqual(namedHa("web", {}), {});
    assert.throws(() => namedHa("web", { dependsOn: [{ memberName: undefined }] }), /has no cluster/);
  });

  it("may be under way, by name", () => {
    const ha = pulumi.output({ dependsOn: ["db"] });
    assert.equal(namedHa("web", ha), ha);
  });
});
