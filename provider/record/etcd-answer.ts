/** etcd's JSON as it comes: int64 are strings, what is zero or false is left out. */
export type Answer = Readonly<Record<string, unknown>>;

/** A key and its value in etcd. */
export interface EtcdKey {
  readonly key: string;
  readonly value: string;
  /** The revision in which it was made. */
  readonly createRevision: number;
  /** The revision of its last write. */
  readonly modRevision: number;
  /** The lease it ends with; "0" without. */
  readonly lease: string;
}

export function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function part(answer: Answer, name: string): Answer {
  const value = answer[name];
  return isAnswer(value) ? value : {};
}

export function parts(answer: Answer, name: string): readonly Answer[] {
  const value = answer[name];
  return Array.isArray(value) ? value.filter(isAnswer) : [];
}

export function text(answer: Answer, name: string): string {
  const value = answer[name];
  return typeof value === "string" ? value : "";
}

/** An int64; 0 where it is left out. */
export function int(answer: Answer, name: string): number {
  const value = answer[name];
  return typeof value === "string" || typeof value === "number" ? Number(value) : 0;
}

/** The keys in an answer to a range. */
export function keysOf(range: Answer): readonly EtcdKey[] {
  return parts(range, "kvs").map((kv) => ({
    key: plain(text(kv, "key")),
    value: plain(text(kv, "value")),
    createRevision: int(kv, "create_revision"),
    modRevision: int(kv, "mod_revision"),
    lease: text(kv, "lease") || "0",
  }));
}

export function base64(value: string): string {
  return Buffer.from(value, "utf8").toString("base64");
}

/** The end of the range of all keys that begin with `prefix`: its last byte, which is never 0xff in UTF-8, and one. */
export function endOfPrefix(prefix: string): string {
  const bytes = Buffer.from(prefix, "utf8");
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes.toString("base64");
}

function plain(encoded: string): string {
  return Buffer.from(encoded, "base64").toString("utf8");
}
