import type { Log } from "../base/log.js";

/**
 * A log whose lines appear in Pulumi's own output. A dynamic provider has no URN to log under and no engine client of its
 * own; what it writes to standard error, Pulumi shows line by line, so each line names its resource.
 */
export function engineLog(resource: string): Log {
  const write = (level: string) => (message: string): void => {
    process.stderr.write(`${level}${resource}: ${message}\n`);
  };
  return { debug: () => {}, info: write(""), warn: write("warning: "), error: write("error: ") };
}
