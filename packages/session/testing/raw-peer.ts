import { ByteSink } from "../src/frames/byte-sink.ts";
import { ByteSource } from "../src/frames/byte-source.ts";
import { FrameSplitter } from "../src/frames/frame-splitter.ts";
import { FrameType, sessionVersion } from "../src/frames/wire.ts";
import type { Carrier } from "../src/index.ts";
import { type Hello, writeHello } from "../src/messages/handshake.ts";
import { token } from "./session-setup.ts";

/** A frame as it arrived. */
export interface RawFrame {
  readonly type: number;
  readonly id: number;
  readonly content: Uint8Array;
}

/** One end of a connection that a test speaks by hand. */
export interface RawPeer {
  /** All frames that arrived. */
  readonly frames: RawFrame[];
  /** How many pieces arrived. */
  readonly pieces: number;
  readonly isClosed: boolean;
  send(...frames: readonly Uint8Array[]): void;
  /** The frames of one type. */
  ofType(type: number): RawFrame[];
  pause(): void;
  resume(): void;
  destroy(): void;
}

/** Takes over a connection. */
export function rawPeer(carrier: Carrier): RawPeer {
  const frames: RawFrame[] = [];
  let isClosed = false;
  let pieces = 0;
  const splitter = new FrameSplitter(2 ** 31, (received, start, end) => {
    const source = new ByteSource().reset(received, start, end);
    frames.push({ type: source.u8(), id: source.u32(), content: source.rest().slice() });
  });
  carrier.start({
    onData: (received) => {
      pieces++;
      splitter.push(received);
    },
    onSent: () => {},
    onClose: () => {
      isClosed = true;
    },
  });
  return {
    frames,
    get pieces() {
      return pieces;
    },
    get isClosed() {
      return isClosed;
    },
    send: (...toSend) => {
      for (const each of toSend) carrier.send(each);
    },
    ofType: (type) => frames.filter((each) => each.type === type),
    pause: () => carrier.pause(),
    resume: () => carrier.resume(),
    destroy: () => carrier.destroy(),
  };
}

/** Where frames are written before their length is known. */
const scratch = new Uint8Array(1 << 20);

/** A frame whose content a function writes. */
export function frame(type: number, id: number, write: (sink: ByteSink) => void = () => {}): Uint8Array {
  const sink = new ByteSink(scratch);
  sink.position = 4;
  sink.u8(type);
  sink.u32(id);
  write(sink);
  const { position } = sink;
  sink.position = 0;
  sink.u32(position - 4);
  return sink.bytes.slice(0, position);
}

/** The HELLO of a client with the token of the test's server. */
export function helloFrame(change: Partial<Hello> = {}): Uint8Array {
  const hello: Hello = {
    minVersion: sessionVersion,
    maxVersion: sessionVersion,
    clientId: new Uint8Array(16),
    ...token,
    agent: "test",
    settings: new Map([[2, 1 << 24]]),
    ...change,
  };
  return frame(FrameType.hello, 0, (sink) => writeHello(sink, hello));
}

/** A `get` of a numbered dictionary. */
export function getFrame(id: number, key: string): Uint8Array {
  return frame(FrameType.get, id, (sink) => {
    sink.u8(0);
    sink.u32(0);
    sink.raw(new TextEncoder().encode(key));
  });
}

/** Gives number 0 to a dictionary. */
export const dictFrame: Uint8Array = frame(FrameType.dict, 0, (sink) =>
  sink.text("di-1234567890123456789012"),
);

/** An error's code. */
export function errorCode({ content }: RawFrame): string {
  return new ByteSource().reset(content, 0, content.length).text();
}
