import { spawn, type ChildProcessByStdio } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { packageRoot } from "../../lab/place.js";
import { providerText } from "../../provider/engine/resource.js";
import { KEY_PROPERTY, NAME_PROPERTY, PROVIDER_PROPERTY, type Properties } from "../../provider/engine/wire.js";

/** Pulumi's own program: what is driven here is what `pulumi up` drives. */
const PROGRAM = join(packageRoot(), "node_modules", "@pulumi", "pulumi", "cmd", "dynamic-provider");

export interface ProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the process runs and looks for `drover/provider`. Default: this package. */
  readonly folder?: string;
  /** Where the engine is to be found. Default: nobody is there. */
  readonly engine?: string;
}

/** A create or update that failed after it had made something, as it crossed the wire. */
export class InitFailed extends Error {
  override readonly name = "InitFailed";

  constructor(message: string, readonly id: string, readonly properties: Properties, readonly reasons: readonly string[]) {
    super(message);
  }
}

/**
 * Pulumi's provider process for dynamic resources, driven by gRPC as Pulumi's engine drives it.
 *
 * @example
 * const process = await ProviderProcess.start();
 * const { inputs } = await process.check({}, resource("Host", "ash", { uri }));
 * const { id, properties } = await process.create(inputs);
 * await process.stop();
 */
export class ProviderProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #client: services.ResourceProviderClient;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
  #output: string;

  private constructor(child: ChildProcessByStdio<null, Readable, Readable>, port: number, exited: Promise<number | string>) {
    this.#child = child;
    this.exited = exited;
    this.#output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => { this.#output += text; });
    this.#client = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  static async start(options: ProcessOptions = {}): Promise<ProviderProcess> {
    const child = spawn(process.execPath, [PROGRAM, options.engine ?? "127.0.0.1:1"], {
      cwd: options.folder ?? packageRoot(), stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...options.environment },
    });
    const exited = new Promise<number | string>((resolve) => { child.once("exit", (code, signal) => { resolve(code ?? signal ?? "unknown"); }); });
    const port = await Promise.race([firstLine(child.stdout), exited]);
    if (typeof port === "number" || !/^[0-9]+$/.test(port)) throw new Error(`the provider process did not start: ${port}`);
    return new ProviderProcess(child, Number(port), exited);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the provider process did not start");
    return this.#child.pid;
  }

  /** What it wrote for the operator. */
  get output(): string {
    return this.#output;
  }

  /** What the engine does first, with the stack's configuration. */
  async configure(config: Properties): Promise<void> {
    const request = new provider.ConfigureRequest();
    request.setArgs(struct(config));
    await this.#call<provider.ConfigureResponse>("configure", request);
  }

  async check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const request = new provider.CheckRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.#call<provider.CheckResponse>("check", request);
    return { inputs: plain(response.getInputs()), failures: response.getFailuresList().map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })) };
  }

  async diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }> {
    const request = new provider.DiffRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.#call<provider.DiffResponse>("diff", request);
    return { changes: response.getChanges() !== provider.DiffResponse.DiffChanges.DIFF_NONE, replaces: response.getReplacesList() };
  }

  /** @throws InitFailed when something was made nevertheless */
  async create(inputs: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new provider.CreateRequest();
    request.setProperties(struct(inputs));
    const response = await this.#call<provider.CreateResponse>("create", request);
    return { id: response.getId(), properties: plain(response.getProperties()) };
  }

  /** An empty id says that it is gone. */
  async read(id: string, properties: Properties): Promise<{ id: string; properties: Properties; inputs: Properties | undefined }> {
    const request = new provider.ReadRequest();
    request.setId(id);
    request.setProperties(struct(properties));
    const response = await this.#call<provider.ReadResponse>("read", request);
    const inputs = response.getInputs();
    return { id: response.getId(), properties: plain(response.getProperties()), inputs: inputs === undefined ? undefined : plain(inputs) };
  }

  /** @throws InitFailed when it was done in part */
  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new provider.UpdateRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return plain((await this.#call<provider.UpdateResponse>("update", request)).getProperties());
  }

  async delete(id: string, properties: Properties): Promise<void> {
    const request = new provider.DeleteRequest();
    request.setId(id);
    request.setProperties(struct(properties));
    await this.#call("delete", request);
  }

  /** What the engine does first when the operator cancels; it interrupts when all is answered. */
  async cancel(): Promise<void> {
    await this.#call("cancel", new empty.Empty());
  }

  /** What the engine does at the end of each run. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Ends it at once, as a crash does; calls under way are rejected. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
    this.#client.close();
  }

  /** Ends it as the engine does at the end of a run. */
  stop(): Promise<void> {
    return this.kill();
  }

  async #call<Response>(method: "cancel" | "check" | "configure" | "diff" | "create" | "read" | "update" | "delete", request: object): Promise<Response> {
    return await new Promise<Response>((resolve, reject) => {
      const answered = (error: ServiceError | null, response: Response): void => {
        if (error === null) resolve(response);
        else reject(initFailed(error) ?? error);
      };
      // The client's methods are alike but for their types.
      const call = this.#client[method].bind(this.#client) as unknown as (request: object, metadata: Metadata, answered: (error: ServiceError | null, response: Response) => void) => void;
      call(request, new Metadata(), answered);
    });
  }
}

/** Inputs of a resource as the program hands them to the engine. */
export function resource(kind: string, name: string, inputs: object, key = `pulumi-nodejs:dynamic/drover:${kind}::${name}`): Properties {
  return { ...inputs, [PROVIDER_PROPERTY]: providerText(kind), [NAME_PROPERTY]: name, [KEY_PROPERTY]: key };
}

/** The details that gRPC carries beside an error's text. */
function initFailed(error: ServiceError): InitFailed | undefined {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(details)) return undefined;
  const [any] = statuses.Status.deserializeBinary(details).getDetailsList();
  if (any === undefined) return undefined;
  const failed = provider.ErrorResourceInitFailed.deserializeBinary(any.getValue_asU8());
  return new InitFailed(error.details, failed.getId(), plain(failed.getProperties()), failed.getReasonsList());
}

function struct(value: Properties): structs.Struct {
  return structs.Struct.fromJavaScript(JSON.parse(JSON.stringify(value)) as Record<string, JavaScriptValue>);
}

function plain(value: structs.Struct | undefined): Properties {
  return value?.toJavaScript() ?? {};
}

function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}
