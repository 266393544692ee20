import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refuseRunningElsewhere } from "../../../provider/apply/migrate/recover.js";
import { silentLog } from "../../../provider/base/log.js";
import type { ConnectedHost } from "../../../provider/inventory/hosts.js";
import { DomainState, ErrorCode, LibvirtError } from "../../../provider/libvirt/index.js";
import { TransportError } from "../../../provider/transport/index.js";

/** A host that answers the one question that it is asked. */
function host(name: string, answer: Error | number): ConnectedHost {
  const asked = (): Promise<object> => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ dom: { name: "web", uuid: "u", id: 1 } }));
  return { name, libvirt: { domainLookupByUUID: asked, domainGetState: () => Promise.resolve({ state: answer, reason: 0 }) } } as unknown as ConnectedHost;
}

const refused = (code: number): LibvirtError => new LibvirtError("domainLookupByUUID", "cedar", { code, domain: 10, message: "no" } as never);

describe("a guest that stands still at the source of a move", () => {
  const ask = (...hosts: readonly ConnectedHost[]): Promise<void> => refuseRunningElsewhere("web", "u", hosts, silentLog);

  it("goes on where the others that answer do not run it, and a third is silent", async () => {
    await ask(host("cedar", refused(ErrorCode.NO_DOMAIN)), host("dogwood", DomainState.SHUTOFF), host("elm", new TransportError("timeout", { attempted: "reach host elm", host: "elm", answer: "no answer" })));
  });

  it("stays so where another runs it, or answers something else", async () => {
    await assert.rejects(ask(host("cedar", DomainState.RUNNING)), /let web go on where it stands still on cedar: it is active there/);
    await assert.rejects(ask(host("cedar", refused(ErrorCode.INTERNAL_ERROR))), /domainLookupByUUID/);
  });
});
