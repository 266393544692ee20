import { connect, type Socket } from "node:net";
import { Connection, type DomainRef } from "../provider/libvirt/index.js";
import { FRAME_HEAD_BYTES, FrameReader, MessageStatus, MessageType, writeFrameHead } from "../provider/libvirt/frame.js";
import { procedures } from "../provider/libvirt/protocol/procedures.generated.js";
import { XdrWriter } from "../provider/libvirt/xdr.js";

/** Answers the calls a second that `task` made in one go, repeated for a while. */
type PerSecond = (task: () => Promise<number>) => Promise<number>;

/**
 * What libvirtd and Node's own socket leave to be had: the same bytes of one call, written again and again on a socket, with
 * nothing of the client between. Its own shortcomings would show as a distance to this.
 *
 * @param round how many are under way at once in the pipelined measure
 */
export async function bareSocket(path: string, dom: DomainRef, round: number, perSecond: PerSecond): Promise<{ single: number; pipelined: number }> {
  const socket = connect(path);
  const connection = await Connection.open(socket, { label: "bare socket" });
  const listeners = socket.rawListeners("data") as ((chunk: Buffer) => void)[];
  socket.removeAllListeners("data");
  const frame = callFrame(dom);
  const frames = Buffer.concat(Array.from({ length: round }, () => frame));
  const single = await perSecond(async () => {
    for (let i = 0; i < round; i += 1) await exchange(socket, frame, 1);
    return round;
  });
  const pipelined = await perSecond(async () => {
    await exchange(socket, frames, round);
    return round;
  });
  for (const listener of listeners) socket.on("data", listener);
  await connection.close();
  return { single, pipelined };
}

function callFrame(dom: DomainRef): Buffer {
  const { program, number, args } = procedures.domainGetInfo;
  const writer = new XdrWriter();
  args.encode(writer, { dom });
  const payload = writer.take();
  const frame = Buffer.concat([Buffer.alloc(FRAME_HEAD_BYTES), payload]);
  // Past all serials of the handshake; libvirtd does not mind that they are the same.
  writeFrameHead(frame, 0, { program, procedure: number, type: MessageType.CALL, serial: 1_000_000, status: MessageStatus.OK }, payload.length);
  return frame;
}

/** Writes, and waits for so many replies. */
function exchange(socket: Socket, bytes: Buffer, replies: number): Promise<void> {
  return new Promise((resolve) => {
    const reader = new FrameReader();
    let left = replies;
    const receive = (chunk: Buffer): void => {
      reader.push(chunk, () => { left -= 1; });
      if (left > 0) return;
      socket.off("data", receive);
      resolve();
    };
    socket.on("data", receive);
    socket.write(bytes);
  });
}
