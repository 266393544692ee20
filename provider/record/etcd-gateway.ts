import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { DroverError, messageOf } from "../base/error.js";
import { retry } from "../base/retry.js";
import type { EtcdConfig } from "./config.js";
import { isAnswer, text, type Answer } from "./etcd-answer.js";

// etcd's own JSON gateway, and no package: `etcd3` on npm is no longer kept up (its last release is of 2022). It is Node's
// http and not `fetch`, for that takes neither an authority nor a client certificate.

/** The codes of gRPC by which etcd says for certain that nothing was done. All others leave that open. */
const REFUSALS = new Set([3 /* invalid argument */, 5 /* not found */, 7 /* permission denied */, 8 /* exhausted */, 9 /* failed precondition */, 11 /* out of range */, 12 /* unimplemented */, 16 /* unauthenticated */]);
const INVALID_ARGUMENT = 3;
const UNAUTHENTICATED = 16;
/** gRPC's code for what is not there, such as a lease that ran out. */
export const NOT_FOUND = 5;

/** etcd answered, and the answer is no. Nothing was done. */
export class EtcdRefusal extends DroverError {
  override readonly name: string = "EtcdRefusal";
  /** gRPC's code. */
  readonly code: number;

  constructor(attempted: string, endpoint: string, answer: string, code: number) {
    super({ attempted, host: endpoint, answer, next: nextFor(code) });
    this.code = code;
  }
}

/** No endpoint gave an answer. */
export class EtcdSilence extends DroverError {
  override readonly name: string = "EtcdSilence";
  /** Whether the call may have been carried out all the same. */
  readonly mayHaveHappened: boolean;

  constructor(attempted: string, endpoint: string, answer: string, mayHaveHappened: boolean) {
    super({ attempted, host: endpoint, answer, next: "see that a majority of etcd's members runs and is reached from here: etcdctl endpoint status --cluster" });
    this.mayHaveHappened = mayHaveHappened;
  }
}

export interface CallOptions {
  /** What it is for, as a verb phrase. */
  readonly attempted: string;
  /** Until when it must be answered, by `performance.now()`, in milliseconds. */
  readonly untilMs: number;
  /** The longest that one endpoint may take, in milliseconds. Default: a third of the longest call. */
  readonly tryMs?: number;
  /** Whether it may be sent again after an answer was lost, to this or another endpoint. */
  readonly repeatable: boolean;
}

/** The calls of one etcd cluster: finds an endpoint that answers, logs in, and tells a refusal from silence. */
export class EtcdGateway {
  readonly label: string;
  readonly #endpoints: readonly URL[];
  readonly #login: { readonly name: string; readonly password: string } | undefined;
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;
  readonly #timeoutMs: number;
  /** Index of the endpoint that is asked first: the last that answered. */
  #preferred = 0;
  #token: Promise<string> | undefined;

  constructor(config: EtcdConfig) {
    this.#endpoints = config.endpoints.map(endpointOf);
    if (this.#endpoints.length === 0) throw misconfigured("there are no endpoints", "name the client URLs of its members");
    this.label = `etcd ${this.#endpoints.map(({ host }) => host).join(", ")}`;
    if ((config.user === undefined) !== (config.password === undefined)) throw misconfigured("a user and a password go together", "give both, or neither");
    if ((config.cert === undefined) !== (config.key === undefined)) throw misconfigured("a client certificate and its key go together", "give both, or neither");
    this.#login = config.user === undefined || config.password === undefined ? undefined : { name: config.user, password: config.password };
    this.#https = new HttpsAgent({
      keepAlive: true,
      minVersion: "TLSv1.2",
      ...(config.ca === undefined ? {} : { ca: config.ca }),
      ...(config.cert === undefined ? {} : { cert: config.cert }),
      ...(config.key === undefined ? {} : { key: config.key }),
    });
    this.#timeoutMs = (config.timeoutSeconds ?? 6) * 1_000;
  }

  /** The end of a call that begins now, by `performance.now()`. */
  untilMs(): number {
    return performance.now() + this.#timeoutMs;
  }

  /**
   * Makes one call, on the endpoint that answered last or on the next that can be reached.
   * @param path such as `/v3/kv/range`
   * @throws EtcdRefusal when etcd says no; EtcdSilence when no endpoint answered in time
   */
  async call(path: string, body: Answer, options: CallOptions): Promise<Answer> {
    try {
      return await this.#anywhere(path, body, options, await this.#currentToken(options));
    } catch (error) {
      if (this.#login === undefined || !isStaleToken(error)) throw error;
      // It refused the token before it looked at the call, so that the call may be made again.
      this.#token = undefined;
      return await this.#anywhere(path, body, options, await this.#currentToken(options));
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #currentToken({ untilMs }: CallOptions): Promise<string | undefined> {
    if (this.#login === undefined) return undefined;
    const token = this.#token ??= this.#anywhere("/v3/auth/authenticate", this.#login, { attempted: `log in as ${this.#login.name}`, untilMs, repeatable: true }, undefined).then((answer) => text(answer, "token"));
    try {
      return await token;
    } catch (error) {
      if (this.#token === token) this.#token = undefined;
      throw error;
    }
  }

  /** Round after round over the endpoints, until one answers or the time is up. */
  #anywhere(path: string, body: Answer, options: CallOptions, token: string | undefined): Promise<Answer> {
    let heard = "there was no time left to ask";
    const round = async (): Promise<Answer> => {
      try {
        return await this.#round(path, body, options, token);
      } catch (error) {
        // A last round that has no time to hear anything says what the ones before it heard.
        if (error instanceof EtcdSilence && error.answer === "") throw new EtcdSilence(options.attempted, this.label, heard, error.mayHaveHappened);
        if (error instanceof EtcdSilence) heard = error.answer;
        throw error;
      }
    };
    return retry(round, {
      when: (error) => error instanceof EtcdSilence && (options.repeatable || !error.mayHaveHappened) && performance.now() + LEAST_TRY_MS < options.untilMs,
      retries: 100,
      firstDelayMs: 50,
      maxDelayMs: 200,
    });
  }

  async #round(path: string, body: Answer, options: CallOptions, token: string | undefined): Promise<Answer> {
    const first = this.#preferred;
    const answers: string[] = [];
    let mayHaveHappened = false;
    for (let step = 0; step < this.#endpoints.length; step += 1) {
      const index = (first + step) % this.#endpoints.length;
      const endpoint = this.#endpoints[index];
      const leftMs = options.untilMs - performance.now();
      if (endpoint === undefined || leftMs <= 0) break;
      const outcome = await this.#ask(new URL(path, endpoint), body, token, Math.min(options.tryMs ?? this.#timeoutMs / 3, leftMs));
      if ("answer" in outcome) {
        this.#preferred = index;
        return outcome.answer;
      }
      if ("code" in outcome) {
        this.#preferred = index;
        throw new EtcdRefusal(options.attempted, endpoint.host, outcome.words, outcome.code);
      }
      answers.push(`${endpoint.host}: ${outcome.words}`);
      mayHaveHappened ||= outcome.wasSent;
      if (this.#preferred === index) this.#preferred = (index + 1) % this.#endpoints.length;
      if (outcome.wasSent && !options.repeatable) break;
    }
    throw new EtcdSilence(options.attempted, this.label, answers.join("; "), mayHaveHappened);
  }

  #ask(url: URL, body: Answer, token: string | undefined, timeoutMs: number): Promise<Outcome> {
    return new Promise((resolve) => {
      let wasSent = false;
      // From here the call may have been carried out, for all that we know.
      const sent = (): void => { wasSent = true; };
      const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
      const fail = (error: Error): void => {
        resolve({ words: signal.aborted ? `no answer within ${(timeoutMs / 1_000).toFixed(1)} s` : messageOf(error) || error.name, wasSent });
      };
      const options = { method: "POST", signal, headers: { "content-type": "application/json", ...(token === undefined ? {} : { authorization: token }) } };
      const call = url.protocol === "https:" ? httpsRequest(url, { ...options, agent: this.#https }) : httpRequest(url, { ...options, agent: this.#http });
      call.once("socket", (socket: Socket) => {
        if (socket.connecting) socket.once(url.protocol === "https:" ? "secureConnect" : "connect", sent);
        else sent();
      });
      call.on("error", fail);
      call.once("response", (response) => {
        let answer = "";
        response.setEncoding("utf8").on("data", (chunk: string) => { answer += chunk; });
        response.on("error", fail);
        response.once("end", () => { resolve(outcomeOf(response.statusCode ?? 0, answer)); });
      });
      call.end(JSON.stringify(body));
    });
  }
}

/** A round that has less time, the wait before it included, would hear nothing. */
const LEAST_TRY_MS = 500;
/** Of an answer that is none of etcd's, in characters. */
const MOST_SHOWN = 200;

type Outcome = { readonly answer: Answer } | { readonly words: string; readonly code: number } | { readonly words: string; readonly wasSent: boolean };

function outcomeOf(status: number, body: string): Outcome {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    answer = undefined;
  }
  if (!isAnswer(answer)) return { words: `HTTP ${status}, and no JSON (${body.trim().slice(0, MOST_SHOWN)}): is this etcd's client URL?`, wasSent: true };
  // A stream's failure comes with status 200, as an object.
  const failure = isAnswer(answer["error"]) ? answer["error"] : answer;
  if (status === 200 && answer["error"] === undefined) return { answer };
  const code = failure["code"] ?? failure["grpc_code"];
  const words = text(failure, "message") || text(failure, "error") || `HTTP ${status}`;
  return typeof code === "number" && REFUSALS.has(code) ? { words, code } : { words, wasSent: true };
}

function isStaleToken(error: unknown): boolean {
  return error instanceof EtcdRefusal && (error.code === UNAUTHENTICATED || (error.code === INVALID_ARGUMENT && error.answer.includes("revision of auth store is old")));
}

function endpointOf(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // The text itself is not repeated: it may hold a password.
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) throw misconfigured("an endpoint is no http or https URL", "write it as https://10.0.0.1:2379");
  if (url.username !== "" || url.password !== "") throw misconfigured(`the endpoint ${url.host} has a user or a password in its URL`, "give them as `user` and `password`");
  return url;
}

function misconfigured(answer: string, next: string): DroverError {
  return new DroverError({ attempted: "use etcd as the shared record", answer, next });
}

function nextFor(code: number): string | undefined {
  if (code === UNAUTHENTICATED || code === INVALID_ARGUMENT) return "check etcd's user and password";
  if (code === 7) return "give etcd's user a role that may read and write the record's prefix";
  if (code === 8) return "see what fills etcd: etcdctl endpoint status; etcdctl alarm list";
  if (code === 9) return "check that etcd's authentication is on where a user is given";
  return undefined;
}
