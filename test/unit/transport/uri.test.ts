import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseLibvirtUri, TransportError, type LibvirtUri } from "../../../provider/transport/index.js";

const accepted: readonly [string, Omit<LibvirtUri, "driver" | "path">][] = [
  ["qemu:///system", { transport: "unix" }],
  ["qemu+unix:///system", { transport: "unix" }],
  ["QEMU+UNIX:///system", { transport: "unix" }],
  ["qemu:///system?socket=/tmp/a%20b.sock", { transport: "unix", socket: "/tmp/a b.sock" }],
  ["qemu://ash/system", { transport: "tls", host: "ash" }],
  ["qemu+tls://ash:16515/system?pkipath=/pki", { transport: "tls", host: "ash", port: 16515, pkipath: "/pki" }],
  ["qemu+tcp://[fd00::1]:16510/system", { transport: "tcp", host: "fd00::1", port: 16510 }],
  ["qemu+tcp://10.0.0.1/system", { transport: "tcp", host: "10.0.0.1" }],
  ["qemu+ssh://root@ash/system", { transport: "ssh", host: "ash", user: "root" }],
  ["qemu+ssh://ash:22/system", { transport: "ssh", host: "ash", port: 22 }],
  ["qemu+ssh://a%40b@ash/system?keyfile=~/.ssh/id&socket=/run/s", { transport: "ssh", host: "ash", user: "a@b", keyfile: "~/.ssh/id", socket: "/run/s" }],
];

const refused: readonly [string, RegExp][] = [
  ["", /not DRIVER/],
  ["ash", /not DRIVER/],
  ["qemu:/system", /not DRIVER/],
  ["test:///default", /driver "test" is not supported/],
  ["xen+ssh://ash/system", /driver "xen" is not supported/],
  ["qemu+ssh2://ash/system", /"ssh2" is not supported: ssh is always spoken natively/],
  ["qemu+ext://ash/system", /"ext" is not supported/],
  ["qemu+ssh:///system", /ssh transport needs a host/],
  ["qemu+unix://ash/system", /this machine only[^]*qemu\+ssh:\/\/ash\/system/],
  ["qemu+ssh://ash", /path is missing/],
  ["qemu+ssh://ash/", /path is missing/],
  ["qemu:///session", /one user's private daemon/],
  ["qemu:///sytem", /path "\/sytem" is unknown/],
  ["qemu+ssh://ash:70000/system", /port cannot be read/],
  ["qemu+ssh://ash:0/system", /0 is no port/],
  ["qemu+ssh://root@ash/system#x", /no blanks, #/],
  ["qemu+ssh://ro ot@ash/system", /no blanks/],
  ["qemu+tcp://root@ash/system", /tcp transport takes no user/],
  ["qemu+ssh://ash/system?no_verify=1", /no_verify is refused: it would accept any machine/],
  ["qemu+tls://ash/system?no_verify=0", /no_verify is refused/],
  ["qemu+ssh://ash/system?netcat=/bin/nc", /netcat is refused/],
  ["qemu+ssh://ash/system?constructor=1", /"constructor" is unknown/],
  ["qemu+ssh://ash/system?keyfil=/k", /"keyfil" is unknown[^]*socket, keyfile, pkipath/],
  ["qemu+tls://ash/system?keyfile=/k", /keyfile means nothing to the tls transport[^]*for ssh/],
  ["qemu+ssh://ash/system?pkipath=/k", /pkipath means nothing to the ssh transport/],
  ["qemu+ssh://ash/system?socket=", /socket is empty/],
  ["qemu+ssh://ash/system?socket=run/s", /not an absolute path/],
  ["qemu+ssh://ash/system?keyfile=/a&keyfile=/b", /given twice/],
];

describe("parseLibvirtUri", () => {
  for (const [text, parts] of accepted) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseLibvirtUri(text), { driver: "qemu", path: "/system", ...parts });
    });
  }

  for (const [text, why] of refused) {
    it(`refuses "${text}" and says what to write`, () => {
      assert.throws(() => parseLibvirtUri(text), (error) => {
        assert.ok(error instanceof TransportError);
        assert.equal(error.reason, "configuration");
        assert.match(error.message, why);
        assert.ok(error.next !== undefined && error.next.length > 0);
        return true;
      });
    });
  }

  it("shows no password in its error", () => {
    assert.throws(() => parseLibvirtUri("qemu+ssh://root:hunter2@ash/system"), (error) =>
      error instanceof TransportError && error.message.includes("does not belong into a URI") && !error.message.includes("hunter2"));
  });
});
