import type { HeldBy } from "./store.js";

/** How a value is kept: as JSON, which any text survives, with a mark that tells its write from all others. */
export interface Envelope {
  readonly value: string;
  readonly write: string;
}

export function envelope(content: Envelope): string {
  return JSON.stringify(content);
}

/** undefined for what is none of ours. */
export function openEnvelope(text: string): Envelope | undefined {
  const { value, write } = fields(text);
  return typeof value === "string" && typeof write === "string" ? { value, write } : undefined;
}

/** Who holds a lock, as it is kept. */
export function holderText(holder: string, since: Date): string {
  return JSON.stringify({ holder, since: since.toISOString() });
}

export function parseHolder(text: string): HeldBy | undefined {
  const { holder, since } = fields(text);
  return typeof holder === "string" && typeof since === "string" ? { heldBy: holder, since } : undefined;
}

/** The fields of a JSON object; none for any other text. */
export function fields(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** @throws TypeError for what cannot be a key or a lock's name: nothing, more than 500 characters, or no well-formed Unicode */
export function checkName(name: string): string {
  if (name.length > 500 || !isWellFormed(name) || name === "") throw new TypeError(`not a name for the record: ${JSON.stringify(name.slice(0, 80))}`);
  return name;
}

function isWellFormed(text: string): boolean {
  return Buffer.from(text, "utf8").toString("utf8") === text;
}
