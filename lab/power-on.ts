/** What a lab host's BMC runs to give it power: `node power-on.js LAB DIRECTORY HOST`. */
import process from "node:process";
import { messageOf } from "../provider/base/error.js";
import { silentLog } from "../provider/base/log.js";
import { labPlace } from "./place.js";
import { powerOnHost } from "./up.js";

const [lab, directory, host = ""] = process.argv.slice(2);
try {
  await powerOnHost(labPlace(lab, directory), host, silentLog);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
