import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hostDirectory } from "../../../lab/identity.js";
import { eventually, type TestLab } from "./lab.js";

/**
 * libvirt's hook, which it runs before it starts a domain's QEMU, and waits for. Where it fails, the domain does not start and stays defined.
 */
const HOOK = `#!/bin/sh
PATH=/usr/bin:/bin
cat >/dev/null
[ "$2" = prepare ] || exit 0
cd /etc/libvirt/hooks
[ ! -e "deny-$1" ] || exit 1
[ -e "hold-$1" ] || exit 0
: >"reached-$1"
while [ -e "hold-$1" ]; do sleep 0.05; done
rm -f "reached-$1"
if [ -e "refuse-$1" ]; then rm -f "refuse-$1"; exit 1; fi
exit 0
`;

/** Holds starts of guests on all hosts of a lab, between their definition and their run. */
export class StartGate {
  readonly #folders: readonly { readonly host: string; readonly folder: string }[];

  private constructor(lab: TestLab) {
    this.#folders = lab.lab.hosts.map(({ name }) => ({ host: name, folder: join(hostDirectory(lab.lab, name), "etc-libvirt", "hooks") }));
  }

  /** Before any guest runs: libvirt looks for hooks when it starts. */
  static async make(lab: TestLab): Promise<StartGate> {
    const gate = new StartGate(lab);
    for (const { host, folder } of gate.#folders) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "qemu"), HOOK, { mode: 0o755 });
      await lab.host(host).check(["pkill", "-KILL", "-x", "libvirtd"]);
      await lab.heal(host);
    }
    return gate;
  }

  /** From now on each start of a guest fails. */
  async deny(domain: string): Promise<void> {
    await this.#onAll((folder) => writeFile(join(folder, `deny-${domain}`), ""));
  }

  /** From now on a guest's start waits. Until it goes on, its host's libvirtd answers nobody who asks for all domains. */
  async hold(domain: string): Promise<void> {
    await this.#onAll(async (folder) => {
      // Of a host that died with it.
      for (const left of ["reached", "refuse"]) await rm(join(folder, `${left}-${domain}`), { force: true });
      await writeFile(join(folder, `hold-${domain}`), "");
    });
  }

  /** @returns the host on which its start waits */
  async reached(domain: string, timeoutMs = 60_000): Promise<string> {
    return await eventually(`a start of ${domain}`, async () => {
      for (const { host, folder } of this.#folders) if (await access(join(folder, `reached-${domain}`)).then(() => true, () => false)) return host;
      return undefined;
    }, timeoutMs);
  }

  /** Lets its start go on. */
  async open(domain: string): Promise<void> {
    await this.#onAll(async (folder) => { for (const kept of ["hold", "deny"]) await rm(join(folder, `${kept}-${domain}`), { force: true }); });
  }

  /** Lets its start fail, once, where it waits. */
  async refuse(domain: string): Promise<void> {
    const host = await this.reached(domain);
    const folder = this.#folders.find((each) => each.host === host)?.folder ?? "";
    await writeFile(join(folder, `refuse-${domain}`), "");
    await this.open(domain);
    await eventually(`the end of the start of ${domain}`, () => access(join(folder, `reached-${domain}`)).then(() => undefined, () => true));
  }

  async #onAll(act: (folder: string) => Promise<void>): Promise<void> {
    await Promise.all(this.#folders.map(({ folder }) => act(folder)));
  }
}
