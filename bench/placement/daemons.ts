/**
 * A process of simulated libvirtds, one on a socket for each host of a fleet. They answer with what a real one said; of its one
 * VM they have as many copies as the fleet has on their host. Started by `index.ts` with the path of a {@link Simulation}.
 */
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { FRAME_HEAD_BYTES, FrameReader, MessageStatus, MessageType, writeFrameHead, type Frame } from "../../provider/libvirt/frame.js";
import { KEEPALIVE_PROGRAM, type Codec, type ProcedureHead } from "../../provider/libvirt/procedure.js";
import { procedures } from "../../provider/libvirt/protocol/procedures.generated.js";
import type { DomainRef, TypedParam } from "../../provider/libvirt/index.js";
import { XdrReader, XdrWriter } from "../../provider/libvirt/xdr.js";
import { hostName, markOf, markerOf, memoryTimes, uuidOf, vmName, vmsOn, type FleetSize, type Template } from "./fleet.js";
import { firstOf, type Exchange, type Recording } from "./recording.js";

export interface Simulation {
  readonly recording: Recording;
  readonly template: Template;
  readonly size: FleetSize;
  /** Folder of the sockets, each named as its host. */
  readonly folder: string;
}

const KEEPALIVE_PONG = 2;
const KIB_OF_A_MIB = 1024;

class SimulatedHost {
  readonly #simulation: Simulation;
  readonly #hostUuid: string;
  readonly #doms: readonly DomainRef[];
  readonly #byUuid: ReadonlyMap<string, { readonly dom: DomainRef; readonly vm: number }>;
  readonly #stats: readonly TypedParam[];
  readonly #cpu: string;

  constructor(simulation: Simulation, host: number) {
    const { size, recording, template } = simulation;
    this.#simulation = simulation;
    this.#hostUuid = uuidOf(hostName(host));
    const vms = vmsOn(size, host);
    this.#doms = vms.map((vm, index) => ({ name: vmName(vm), uuid: uuidOf(vmName(vm)), id: index + 1 }));
    this.#byUuid = new Map(this.#doms.map((dom, index) => [dom.uuid, { dom, vm: vms[index] ?? 0 }]));
    const stats = decoded(procedures.connectGetAllDomainStats.ret, answerOf(recorded(recording, procedures.connectGetAllDomainStats)));
    this.#stats = stats.retStats.find(({ dom }) => dom.uuid === template.vmUuid)?.params ?? [];
    this.#cpu = guestCpu(decoded(procedures.connectBaselineHypervisorCPU.ret, answerOf(recorded(recording, procedures.connectBaselineHypervisorCPU))).cpu);
  }

  serve(socket: Socket): void {
    const frames = new FrameReader();
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => { frames.push(chunk, (frame) => { this.#answer(socket, frame); }); });
  }

  #answer(socket: Socket, frame: Frame): void {
    if (frame.program === KEEPALIVE_PROGRAM) {
      send(socket, { ...frame, procedure: KEEPALIVE_PONG }, Buffer.alloc(0));
      return;
    }
    if (frame.type !== MessageType.CALL) {
      // By a stream a client says but that it has heard all, and is told that this was heard.
      if (frame.type === MessageType.STREAM && frame.status === MessageStatus.OK) send(socket, frame, Buffer.alloc(0));
      return;
    }
    const own = this.#ofVms(frame);
    if (own !== undefined) {
      send(socket, { ...frame, type: MessageType.REPLY, status: MessageStatus.OK }, own);
      return;
    }
    for (const { type, status, payload } of this.#find(frame).answers) {
      if (type === MessageType.STREAM && status === MessageStatus.OK) continue;
      send(socket, { ...frame, type, status }, this.#asOfFleet(frame, type, Buffer.from(payload, "base64")));
    }
  }

  /** What was recorded is of a cluster of two hosts: what it keeps on each of them names all hosts of this one. */
  #asOfFleet(frame: Frame, type: number, payload: Buffer): Buffer {
    const { size, folder, template } = this.#simulation;
    if (isCallOf(procedures.secretGetValue, frame)) {
      const { value } = decoded(procedures.secretGetValue.ret, payload);
      return encoded(procedures.secretGetValue.ret, { value: Buffer.from(markOf(size, folder, Buffer.from(value).toString("utf8"))) });
    }
    if (isCallOf(procedures.storageVolDownload, frame)) return type === MessageType.STREAM && payload.length > 0 ? Buffer.from(markerOf(size, folder, payload.toString("utf8")).padEnd(payload.length)) : payload;
    return Buffer.from(payload.toString("latin1").replaceAll(template.hostUuid, this.#hostUuid), "latin1");
  }

  /** Answers in which VMs are named. */
  #ofVms(frame: Frame): Buffer | undefined {
    const { recording, template } = this.#simulation;
    if (isCallOf(procedures.connectListAllDomains, frame)) {
      const { flags } = decoded(procedures.connectListAllDomains.args, payloadOf(frame));
      // Transient ones, those with snapshots and the like: there are none.
      const domains = flags === 0 ? [...this.#doms] : [];
      return encoded(procedures.connectListAllDomains.ret, { domains, ret: domains.length });
    }
    if (isCallOf(procedures.domainGetXMLDesc, frame)) {
      const { dom, flags } = decoded(procedures.domainGetXMLDesc.args, payloadOf(frame));
      const found = this.#byUuid.get(dom.uuid);
      const source = recording.filter((exchange) => isCallOf(procedures.domainGetXMLDesc, exchange))
        .find(({ call }) => decoded(procedures.domainGetXMLDesc.args, Buffer.from(call, "base64")).flags === flags);
      if (found === undefined || source === undefined) throw new Error(`no domain ${dom.name}, or none with flags ${flags}, was recorded`);
      const { xml } = decoded(procedures.domainGetXMLDesc.ret, answerOf(source));
      const kib = (times: number): string => `>${template.memoryMib * KIB_OF_A_MIB * times}<`;
      return encoded(procedures.domainGetXMLDesc.ret, {
        xml: xml.replaceAll(template.vmUuid, dom.uuid).replaceAll(template.vm, dom.name).replaceAll(kib(1), kib(memoryTimes(found.vm)))
          .replace(/ *<cpu (?:[^>]*\/>|.*?<\/cpu>)\n/s, "").replace("  <clock", `${this.#cpu}  <clock`),
      });
    }
    if (isCallOf(procedures.domainGetMetadata, frame)) {
      const { dom } = decoded(procedures.domainGetMetadata.args, payloadOf(frame));
      const { metadata } = decoded(procedures.domainGetMetadata.ret, answerOf(recorded(recording, procedures.domainGetMetadata)));
      return encoded(procedures.domainGetMetadata.ret, { metadata: metadata.replaceAll(template.vm, dom.name) });
    }
    if (isCallOf(procedures.connectGetAllDomainStats, frame)) {
      return encoded(procedures.connectGetAllDomainStats.ret, { retStats: this.#doms.map((dom) => ({ dom, params: [...this.#stats] })) });
    }
    return undefined;
  }

  /** What was answered to the same call, or to another of the same procedure. */
  #find(frame: Frame): Exchange {
    const call = payloadOf(frame).toString("base64");
    const same = this.#simulation.recording.filter(({ program, procedure, answers }) => program === frame.program && procedure === frame.procedure && answers.length > 0);
    const found = same.find((exchange) => exchange.call === call) ?? same[0];
    if (found === undefined) throw new Error(`procedure ${frame.procedure} of program ${frame.program} was not recorded`);
    return found;
  }
}

/** Emulated guests have no CPU of their cluster: this is one as libvirt writes it of a running guest, with all features, of a model that emulation has. */
function guestCpu(expanded: string): string {
  return `${expanded.trim().replace(/<cpu[^>]*>/, "<cpu mode='custom' match='exact' check='full'>").replace(/<model[^>]*>.*?<\/model>/, "<model fallback='forbid'>qemu64</model>").replaceAll(/^/gm, "  ")}\n`;
}

function send(socket: Socket, head: Pick<Frame, "program" | "procedure" | "type" | "serial" | "status">, payload: Buffer): void {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  writeFrameHead(bytes, 0, head, payload.length);
  payload.copy(bytes, FRAME_HEAD_BYTES);
  socket.write(bytes);
}

function isCallOf({ program, number }: ProcedureHead, frame: { readonly program: number; readonly procedure: number }): boolean {
  return frame.program === program && frame.procedure === number;
}

function recorded(recording: Recording, procedure: ProcedureHead): Exchange {
  const found = firstOf(recording, procedure);
  if (found === undefined) throw new Error(`${procedure.name} was not recorded`);
  return found;
}

function payloadOf({ buffer, payloadStart, payloadEnd }: Frame): Buffer {
  return buffer.subarray(payloadStart, payloadEnd);
}

function answerOf({ answers }: Exchange): Buffer {
  return Buffer.from(answers[0]?.payload ?? "", "base64");
}

function decoded<T>(codec: Codec<T>, payload: Buffer): T {
  return codec.decode(new XdrReader(payload));
}

function encoded<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.encode(writer, value);
  return writer.take();
}

const [path = ""] = process.argv.slice(2);
const simulation = JSON.parse(readFileSync(path, "utf8")) as Simulation;
for (let host = 0; host < simulation.size.hosts; host += 1) {
  const simulated = new SimulatedHost(simulation, host);
  const server = createServer((socket) => { simulated.serve(socket); });
  await new Promise<void>((resolve) => server.listen(`${simulation.folder}/${hostName(host)}`, resolve));
}
process.send?.("listening");
process.on("disconnect", () => { process.exit(0); });
