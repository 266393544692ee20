import type { Sign } from "./sign.js";

/** What a way to storage says of itself while it works: a Fibre Channel port, an iSCSI session, a SCSI disk (of multipath, one for each path), an NVMe controller. */
const WELL = new Set(["Online", "LOGGED_IN", "running", "live"]);

/** Of `/sys/class/fc_host/host3/port_state`, host3; of `/sys/block/sdc/device/state`, sdc. */
const NAME = /^\/sys\/(?:class\/[^/]+|block)\/([^/]+)\//;

/** Ways to storage that worked when this guard first looked, and do not now. One that is not there any more was taken out. */
export const paths: Sign = ({ first, now }) => {
  const lost = [...now].filter(([path, [word = ""]]) => /\/(port_)?state$/.test(path) && WELL.has(first.get(path)?.[0] ?? "") && !WELL.has(word));
  return lost.length > 0 ? `its paths to storage fail: ${lost.map(([path]) => NAME.exec(path)?.[1] ?? path).join(", ")}` : undefined;
};
