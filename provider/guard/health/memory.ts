import { numbersIn } from "./probe.js";
import { grown, type Sign } from "./sign.js";

/** Corrected errors between two looks beyond which a module is about to fail. */
const MOST_CORRECTED = 100;

/** Errors that the memory controller reports (EDAC): one that was not corrected, or a storm of corrected ones. */
export const memory: Sign = ({ before, now }) => {
  if (numbersIn(now, /\/ue_count$/).some(({ value }) => value > 0)) return "its memory has errors that were not corrected";
  return grown(numbersIn(before, /\/ce_count$/), numbersIn(now, /\/ce_count$/), MOST_CORRECTED).length > 0 ? "its memory has ever more errors, corrected so far" : undefined;
};
