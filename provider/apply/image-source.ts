import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { bytes, type Bytes } from "../base/bytes.js";
import { DroverError, messageOf } from "../base/error.js";
import { PROBE_BYTES, probeImage, type ImageProbe } from "../image/index.js";

/** An image under way: its length where the source says it, and its content. */
export interface ImageSource {
  readonly length: Bytes | undefined;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What the content turned out to be. */
export interface ImageFacts {
  readonly format: "qcow2" | "raw";
  readonly virtualSize: Bytes;
  readonly sha256: string;
}

const digests = new Map<string, Promise<string>>();

export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** SHA-256 of a local file, computed once in a process as long as the file stays as it is. */
export async function digestOfFile(path: string): Promise<string> {
  const { size, mtimeMs } = await statOf(path);
  const key = JSON.stringify([path, size, mtimeMs]);
  const known = digests.get(key) ?? hashFile(path);
  digests.set(key, known);
  return await known;
}

/** @throws DroverError when the file is not there, or the server does not hand the image out */
export async function openImage(source: string, signal: AbortSignal): Promise<ImageSource> {
  if (!isUrl(source)) {
    const { size } = await statOf(source);
    return { length: bytes(size), content: createReadStream(source, { highWaterMark: 1024 * 1024, signal }) };
  }
  let response: Response;
  try {
    response = await fetch(withoutCredentials(source), { signal, headers: credentialsOf(source) });
  } catch (error) {
    if (signal.aborted) throw cancelledDownload(source, error);
    throw new DroverError({ attempted: `download ${withoutCredentials(source)}`, answer: reasonOf(error), next: "check the URL and this machine's network", cause: error });
  }
  if (!response.ok || response.body === null) {
    throw new DroverError({ attempted: `download ${withoutCredentials(source)}`, answer: `the server answered ${response.status} ${response.statusText}`, next: "check the URL" });
  }
  const length = response.headers.get("content-encoding") === null ? response.headers.get("content-length") : null;
  return { length: length === null ? undefined : bytes(Number(length)), content: contentOf(response, source, signal) };
}

/**
 * Hands an image's content on while its digest is computed and its first bytes are looked at.
 * `facts` is there when the content has been read to its end; it rejects when it is no image.
 */
export function inspected(source: string, { content }: ImageSource): { readonly content: AsyncIterable<Uint8Array>; readonly facts: () => ImageFacts } {
  const hash = createHash("sha256");
  const head: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  async function* observe(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of content) {
      if (length < PROBE_BYTES) head.push(piece);
      length += piece.length;
      hash.update(piece);
      yield piece;
    }
    ended = true;
  }
  const facts = (): ImageFacts => {
    if (!ended) throw new Error("the image was not read to its end");
    const probe: ImageProbe = probeImage(Buffer.concat(head).subarray(0, PROBE_BYTES), bytes(length));
    if (probe.kind === "refused") {
      throw new DroverError({ attempted: `use ${withoutCredentials(source)} as an image`, answer: probe.reason, next: "give a qcow2 or raw disk image" });
    }
    return { format: probe.format, virtualSize: probe.virtualSize, sha256: hash.digest("hex") };
  };
  return { content: observe(), facts };
}

/** An URL without the user and password that may stand in it. */
export function withoutCredentials(source: string): string {
  if (!isUrl(source)) return source;
  const url = new URL(source);
  url.username = "";
  url.password = "";
  return url.href;
}

/** fetch refuses a URL with credentials, with an error that shows them. */
function credentialsOf(source: string): Record<string, string> {
  const { username, password } = new URL(source);
  if (username === "" && password === "") return {};
  return { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}` };
}

/** Holds the response itself: fetch cancels the body of a response that is garbage and whose body nobody began to read, and it then ends as if it were empty. */
async function* contentOf(response: Response, source: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (response.body !== null) yield* response.body;
  } catch (error) {
    if (signal.aborted) throw cancelledDownload(source, error);
    throw new DroverError({ attempted: `download ${withoutCredentials(source)}`, answer: `the server broke off: ${reasonOf(error)}`, next: "run again: what came so far is thrown away", cause: error });
  }
}

/** Ctrl-C is not the server's fault. */
function cancelledDownload(source: string, cause: unknown): DroverError {
  return new DroverError({ attempted: `download ${withoutCredentials(source)}`, answer: "it was cancelled", next: "run again: what came so far is thrown away", cause });
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer);
  return hash.digest("hex");
}

async function statOf(path: string): Promise<{ size: number; mtimeMs: number }> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error("it is not a file");
    return found;
  } catch (error) {
    throw new DroverError({ attempted: `read the image ${path}`, answer: messageOf(error), next: "give the path of a file on the machine where pulumi runs, or an http(s) URL", cause: error });
  }
}

/** fetch hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}
