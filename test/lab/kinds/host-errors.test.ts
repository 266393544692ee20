import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import { ErrorCode } from "../../../provider/libvirt/index.js";
import { procedures } from "../../../provider/libvirt/protocol/procedures.generated.js";
import { codecs } from "../../../provider/libvirt/protocol/types.generated.js";
import { FakeDaemon, type Answer } from "../../unit/libvirt/fake-daemon.js";
import { kind } from "../support/kinds.js";
import { forget, useStorage } from "./storage.js";

const site = useStorage({ own: true, hosts: 1 });
const hosts = kind("Host");
const OUTSIDER = "drover-outsider";

/** What a host answers when it is asked for its facts. */
const capabilities = `<capabilities><host><uuid>a233ec4b-4543-47d2-97ae-4f54b93f6e62</uuid><cpu><arch>x86_64</arch><topology sockets="1" dies="1" cores="1" threads="1"/></cpu>
<topology><cells num="1"><cell id="0"><memory unit="KiB">1048576</memory><cpus num="1"><cpu id="0"/></cpus></cell></cells></topology></host>
<guest><os_type>hvm</os_type><arch name="x86_64"><wordsize>64</wordsize><emulator>/usr/bin/qemu</emulator><machine maxCpus="255">pc</machine><domain type="qemu"/></arch></guest></capabilities>`;
const answers = (version: bigint): Readonly<Record<number, Answer>> => ({
  [procedures.connectGetHostname.number]: (daemon, call) => { daemon.reply(call, codecs.ConnectGetHostnameRet, { hostname: "old" }); },
  [procedures.connectGetCapabilities.number]: (daemon, call) => { daemon.reply(call, codecs.ConnectGetCapabilitiesRet, { capabilities }); },
  [procedures.connectGetLibVersion.number]: (daemon, call) => { daemon.reply(call, codecs.ConnectGetLibVersionRet, { libVer: version }); },
  [procedures.connectGetVersion.number]: (daemon, call) => { daemon.reply(call, codecs.ConnectGetVersionRet, { hvVer: version }); },
  // What a libvirtd says to a number that it does not know.
  [procedures.connectGetDomainCapabilities.number]: (daemon, call) => { daemon.refuse(call, ErrorCode.RPC, `unknown procedure: ${call.procedure}`); },
});

describe("a libvirt that is too old", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  after(() => { for (const server of servers) server.close(); });

  /** No libvirt of that age can be had here: a daemon that speaks as much of the protocol as a Host asks for. */
  async function refused(version: bigint, expected: RegExp): Promise<void> {
    const server = createServer((socket) => {
      const daemon = new FakeDaemon(answers(version));
      socket.on("error", () => {});
      socket.pipe(daemon.client).pipe(socket);
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    await assert.rejects(hosts.create("old", { uri: `qemu+tcp://127.0.0.1:${(server.address() as AddressInfo).port}/system` }), expected);
    await forget();
  }

  it("is told with its version and the one that is needed", () => refused(5_006_000n, /could not use the host on old: its libvirt is 5\.6\.0, older than 6\.0\.0\n.*next: upgrade libvirt on it/));
  it("is told with the call that it lacks", () => refused(6_001_000n, /could not call connectGetDomainCapabilities on old: unknown procedure: \d+.*\n.*next: this host's libvirt may be too old for the call/));
});

describe("a host", () => {
  it("whose user may not open libvirt's socket is an error that says which group lets him", async () => {
    const ash = site.lab.host("ash");
    // Seen by this host alone: its mounts are its own.
    await ash.check(["sh", "-c", `for file in passwd shadow group; do cp /etc/$file /run/$file; done
      echo '${OUTSIDER}:x:64999:64999::/:/bin/sh' >> /run/passwd; echo '${OUTSIDER}:*:19000:0:99999:7:::' >> /run/shadow; echo '${OUTSIDER}:x:64999:' >> /run/group
      for file in passwd shadow group; do mount --no-mtab --bind /run/$file /etc/$file; done`]);
    const uri = ash.host.uri.replace("root@", `${OUTSIDER}@`);
    await assert.rejects(hosts.create("ash", { uri }), new RegExp(` ash: permission denied for the user ${OUTSIDER}[^]*next: [^]*usermod -aG libvirt ${OUTSIDER}`));
    await forget();
    // In place: what is mounted is the file, not its name.
    await ash.check(["sh", "-c", `sed '/^libvirt:/s/$/,${OUTSIDER}/; s/:,/:/' /run/group > /run/group.new && cat /run/group.new > /run/group`]);
    const host = await hosts.create("ash", { uri });
    assert.deepEqual(host.outputs["hostname"], "ash");
    await forget();
  });

  it("whose service libvirt-guests is enabled has a warning that says what it does and how to disable it", async () => {
    const ash = site.lab.host("ash");
    // The lab's hosts run no systemd, and would tell what is enabled on the machine below: here `systemctl` is this host's own.
    const isEnabled = (answer: string): Promise<string> => ash.check(["sh", "-c", `printf '#!/bin/sh\\n[ "$*" = "is-enabled libvirt-guests" ] && echo ${answer}\\n' > /run/systemctl && chmod +x /run/systemctl`]);
    await isEnabled("disabled");
    await ash.check(["mount", "--no-mtab", "--bind", "/run/systemctl", "/usr/bin/systemctl"]);
    try {
      const quiet = await hosts.create("ash", { uri: ash.host.uri });
      assert.deepEqual(quiet.outputs["warnings"], []);
      await isEnabled("enabled");
      const warned = await hosts.refresh(quiet);
      assert.match(String(warned?.outputs["warnings"]), /libvirt-guests is enabled: it starts guests by itself.*systemctl disable --now libvirt-guests/);
    } finally {
      await ash.check(["umount", "/usr/bin/systemctl"]);
    }
  });
});
