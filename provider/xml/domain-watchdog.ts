import type { WatchdogSpec } from "./domain-spec.js";
import { element, type XmlElement } from "./element.js";

const ALIAS = "ua-watchdog";

/** The watchdog device that is ours; libvirt gives machines of type q35 one of its own. */
export function readWatchdog(root: XmlElement): WatchdogSpec | undefined {
  const found = findOwn(root);
  return found === undefined ? undefined : { model: found.attr("model") ?? "", action: found.attr("action") ?? "reset" };
}

/** Sets our watchdog device or takes it away; one of the same model that is there already becomes ours. */
export function writeWatchdog(root: XmlElement, wanted: WatchdogSpec | undefined): void {
  const devices = root.ensure("devices");
  const own = findOwn(root);
  if (own !== undefined && own.attr("model") !== wanted?.model) devices.remove(own);
  if (wanted === undefined) return;
  const there = devices.children("watchdog").find((each) => each.attr("model") === wanted.model);
  if (there === undefined) {
    devices.append(element("watchdog", { model: wanted.model, action: wanted.action }, [element("alias", { name: ALIAS })]));
    return;
  }
  if (there.attr("action") !== wanted.action) there.setAttr("action", wanted.action);
  if (there !== own) there.ensure("alias").setAttr("name", ALIAS);
}

function findOwn(root: XmlElement): XmlElement | undefined {
  return root.child("devices")?.children("watchdog").find((each) => each.child("alias")?.attr("name") === ALIAS);
}
