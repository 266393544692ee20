import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatCpu, parseCpu, parseDomainCapabilities, requiredFeatures } from "../../../provider/xml/index.js";

describe("a CPU's description", () => {
  const text = "<cpu mode='custom' match='exact'><model fallback='forbid'>EPYC</model><vendor>AMD</vendor><feature policy='require' name='vaes'/><feature policy='force' name='la57'/><feature policy='disable' name='vme'/></cpu>";

  it("is read and written", () => {
    const cpu = parseCpu(text);
    assert.deepEqual(requiredFeatures(cpu), ["la57", "vaes"]);
    assert.deepEqual(parseCpu(formatCpu(cpu)), cpu);
  });

  it("has features of a host as required ones", () => {
    assert.deepEqual(parseCpu("<cpu><arch>x86_64</arch><model>EPYC</model><feature name='vaes'/></cpu>"),
      { mode: undefined, model: "EPYC", vendor: undefined, features: [{ name: "vaes", policy: "require" }], isMigratable: true });
  });
});

describe("domain capabilities", () => {
  const capabilities = (modes: string): string => `<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>kvm</domain><machine>pc-q35-7.2</machine><arch>x86_64</arch><cpu>${modes}</cpu></domainCapabilities>`;

  it("tell what host-model is, and the models that guests can have", () => {
    const found = parseDomainCapabilities(capabilities(`
      <mode name='host-passthrough' supported='yes'/>
      <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model><vendor>AMD</vendor><feature policy='require' name='vaes'/></mode>
      <mode name='custom' supported='yes'><model usable='yes' vendor='unknown'>qemu64</model><model usable='no' vendor='Intel'>Icelake-Server</model><blockers model='Icelake-Server'><feature name='pcid'/></blockers></mode>`));
    assert.deepEqual(found.hostModel?.features, [{ name: "vaes", policy: "require" }]);
    assert.equal(found.hostModel.model, "EPYC");
    assert.deepEqual(found.cpuModels, { usable: ["qemu64"], unusable: ["Icelake-Server"] });
    assert.deepEqual(found.cpuModes, ["host-passthrough", "host-model", "custom"]);
  });

  it("know no host-model where it is not supported", () => {
    assert.equal(parseDomainCapabilities(capabilities("<mode name='host-model' supported='no'/>")).hostModel, undefined);
  });
});
