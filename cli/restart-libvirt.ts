import { DroverError } from "../provider/base/error.js";
import { hostAt } from "../provider/inventory/hosts.js";
import type { ClusterHost } from "../provider/schema/index.js";

/**
 * Restarts the daemon that the host uses: QEMU's own or the monolithic one. Where both are installed, the one that runs or has failed is it,
 * else the one that is enabled; the other one beside it would fight for the same guests. A socket's unit stands for its service.
 */
export const RESTART = `for state in is-active is-failed is-enabled; do
  for daemon in virtqemud libvirtd; do
    for unit in $daemon.service $daemon.socket; do
      if systemctl $state --quiet $unit 2>/dev/null; then systemctl restart $daemon.service; exit $?; fi
    done
  done
done
echo "neither virtqemud nor libvirtd is active, failed or enabled" >&2
exit 1`;

const TIMEOUT_MS = 30_000;

/** Soft fencing: it repairs, and is never evidence. @throws DroverError with what the host said */
export async function restartLibvirt({ host }: ClusterHost, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { code, stderr } = await hostAt(host).transport.exec(["sh", "-c", RESTART], { timeoutMs: TIMEOUT_MS });
  if (code !== 0) throw new DroverError({ attempted: "restart libvirtd", host: host.name, answer: stderr.trim(), next: "look at it on the host" });
}
