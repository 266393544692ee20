import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UNKNOWN } from "../../../../provider/engine/handler.js";
import { handler } from "../../../../provider/kinds/host.js";
import { whoIsUnfenced } from "../../../../provider/kinds/placement/fencing.js";
import type { HostInputs, HostOutputs, PlacementInputs } from "../../../../provider/schema/index.js";

const fence = [{ agent: "ipmilan", timeoutSeconds: 60 }];

function told(fenced: Readonly<Record<string, boolean>>, vms: object = {}): string | undefined {
  return whoIsUnfenced({ cluster: "prod", hosts: Object.entries(fenced).map(([name, has]) => ({ host: { name, uri: "", owner: "" }, ...(has ? { fence } : { fence: [] }) })), vms } as Pick<PlacementInputs, "cluster" | "hosts" | "vms">);
}

describe("hosts without a fence device", () => {
  it("are named where others have one", () => {
    assert.match(String(told({ ash: true, birch: false, cedar: false })), /^prod: birch, cedar have no fence device[^\n]*one of them fall silent[^\n]*$/);
    assert.match(String(told({ ash: true, birch: false })), /^prod: birch has no fence device[^\n]*it fall silent/);
  });

  it("are not named where none has one, or all have", () => {
    assert.equal(told({ ash: false, birch: false }), undefined);
    assert.equal(told({ ash: true, birch: true }, { web: { ha: {} } }), undefined);
  });

  it("are named where a VM asks for high availability", () => {
    assert.match(String(told({ ash: false, birch: false }, { web: { ha: { priority: 50 } } })), /^prod: none of its hosts has a fence device[^\n]*$/);
  });

  it("may not be known yet", () => {
    const hosts = [UNKNOWN, { host: UNKNOWN, fence: UNKNOWN }, { host: UNKNOWN }] as unknown as PlacementInputs["hosts"];
    assert.match(String(whoIsUnfenced({ cluster: "prod", hosts, vms: {} })), /a host that is not known yet/);
  });
});

describe("a host's fence devices", () => {
  const check = (given: unknown): string[] => {
    const answer = handler.check?.({} as never, { olds: undefined, news: { uri: "qemu:///system", fence: given } as HostInputs, name: "ash" });
    assert.ok(answer !== undefined && !(answer instanceof Promise));
    return (answer.failures ?? []).map(({ property }) => property);
  };

  it("are refused where a password stands in the clear, or a line break is smuggled in", () => {
    assert.deepEqual(check([{ agent: "ipmilan", parameters: { password: "x" } }, { agent: "apc", parameters: { ip: "a\naction=on" } }]), ["fence.0.parameters.password", "fence.1.parameters.ip"]);
  });

  it("may not be known yet", () => {
    for (const given of [UNKNOWN, [UNKNOWN], [{ agent: UNKNOWN }], [{ agent: "apc", parameters: UNKNOWN, secrets: UNKNOWN }], [{ agent: "apc", secrets: { password: UNKNOWN } }]]) assert.deepEqual(check(given), []);
  });

  it("are changed though the host does not answer", async () => {
    const inputs = { uri: "qemu+tcp://192.0.2.1/system", connectTimeoutSeconds: 1 } as HostInputs;
    const outputs = { hostname: "ash" } as HostOutputs;
    assert.equal(await handler.update({} as never, { id: "o", olds: { inputs, outputs }, news: { ...inputs, fence }, name: "ash", key: "k" }), outputs);
  });
});
