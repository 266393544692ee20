import type { Sign } from "./sign.js";

/** Storage pools that the program declares on it, and that are not active any more. */
export const storage: Sign = ({ host: { declared, read } }) => {
  if (read === undefined) return undefined;
  const lacking = (declared.pools ?? []).filter((pool) => !read.pools.some(({ name }) => name === pool));
  return lacking.length > 0 ? `its storage is not there: ${lacking.join(", ")}` : undefined;
};
