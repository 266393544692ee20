import { numbersIn } from "./probe.js";
import type { Sign } from "./sign.js";

/** A sensor at the temperature that its maker calls critical. */
export const temperature: Sign = ({ now }) => {
  const critical = new Map(numbersIn(now, /\/temp[0-9]+_crit$/).map(({ path, value }) => [path.replace(/_crit$/, "_input"), value]));
  // A limit of 0 is none.
  return numbersIn(now, /\/temp[0-9]+_input$/).some(({ path, value }) => value >= (critical.get(path) || Infinity)) ? "it is too hot" : undefined;
};
