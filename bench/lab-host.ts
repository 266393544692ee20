import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labFile, readLab, type Lab, type LabHost } from "../lab/model.js";
import { labPlace } from "../lab/place.js";
import { run, runAny } from "../lab/run.js";
import { DroverError } from "../provider/base/error.js";
import { HostConnection } from "../provider/libvirt/index.js";
import { createTransport, parseLibvirtUri } from "../provider/transport/index.js";

/** The lab that benches measure in: the one of `DROVER_LAB_JSON`, else the project's own. */
export async function benchLab(): Promise<Lab> {
  const path = process.env.DROVER_LAB_JSON ?? labFile(labPlace());
  const lab = await readLab(path);
  if (lab === undefined) throw new DroverError({ attempted: "find a lab", answer: `there is no ${path}`, next: "bring one up: drover lab up" });
  return lab;
}

/** One host of the lab, by our client and by virsh. */
export class BenchHost {
  readonly #host: LabHost;
  readonly #lab: Lab;
  readonly #wrapper: string;

  private constructor(lab: Lab, host: LabHost, wrapper: string) {
    this.#lab = lab;
    this.#host = host;
    this.#wrapper = wrapper;
  }

  /** Runs `measure` with the lab's first host. */
  static async use(measure: (host: BenchHost) => Promise<void>): Promise<void> {
    const lab = await benchLab();
    const [host] = lab.hosts;
    if (host === undefined) throw new DroverError({ attempted: "find a host", answer: `the lab ${lab.name} has none`, next: "bring it up anew: drover lab down, drover lab up" });
    const folder = await mkdtemp(join(tmpdir(), "drover-bench-"));
    try {
      // virsh calls ssh by this name, so that it uses the lab's ssh config and no other.
      const wrapper = join(folder, "ssh");
      await writeFile(wrapper, `#!/bin/sh\nexec ssh -F '${lab.ssh.config}' "$@"\n`);
      await chmod(wrapper, 0o755);
      await measure(new BenchHost(lab, host, wrapper));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Our client: by `ssh`, or by the host's `unix` socket on this machine. */
  async withConnection<T>(way: "ssh" | "unix", task: (connection: HostConnection) => Promise<T>): Promise<T> {
    const uri = parseLibvirtUri(way === "ssh" ? this.#host.uri : this.#host.unixUri);
    const transport = createTransport(uri, { name: this.#host.name, ssh: { configFile: this.#lab.ssh.config } });
    const connection = new HostConnection(() => transport.open(), { label: this.#host.name });
    try {
      return await task(connection);
    } finally {
      await connection.close();
      await transport.close();
    }
  }

  /** The path of libvirtd's socket, as seen from this machine. */
  get unixSocket(): string {
    return new URL(this.#host.unixUri).searchParams.get("socket") ?? "";
  }

  /** One virsh process of its own. */
  async virsh(way: "ssh" | "unix", ...words: string[]): Promise<void> {
    const uri = way === "unix" ? this.#host.unixUri : `${this.#host.uri}?command=${this.#wrapper}`;
    await run(["virsh", "--quiet", "--connect", uri, ...words]);
  }

  static async hasVirsh(): Promise<boolean> {
    return await runAny(["virsh", "--version"]).then(({ code }) => code === 0, () => false);
  }
}
