// HTTP/2 as bytes (RFC 9113), for tests that send what no library would. Headers go as literals without indexing and
// without Huffman codes (RFC 7541, section 6.2.2), which needs no state.

/** What a client sends first. */
export const http2Preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The types of frames. */
export const Http2Type = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** The flags that tests need. */
export const Http2Flag = { endStream: 1, ack: 1, endHeaders: 4 } as const;

/** What a frame is made of, right or wrong. */
export interface Http2FrameParts {
  readonly type: number;
  readonly flags?: number | undefined;
  readonly streamId?: number | undefined;
  readonly payload?: Uint8Array | undefined;
  /** What the frame says of its length. Default: the payload's. */
  readonly declaredBytes?: number | undefined;
}

/** A frame. */
export function http2Frame({
  type,
  flags = 0,
  streamId = 0,
  payload = Buffer.alloc(0),
  declaredBytes = payload.length,
}: Http2FrameParts): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(declaredBytes & 0xffffff, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** A block of headers. */
export function http2HeaderBlock(headers: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    parts.push(Buffer.of(0), literal(name), literal(value));
  }
  return Buffer.concat(parts);
}

/** A number as 32 bits. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** The preface and the settings with which a client begins. */
export function http2Start(settings: Readonly<Record<number, number>> = {}): Buffer {
  const payload = Object.entries(settings).map(([id, value]) => {
    const setting = Buffer.alloc(2);
    setting.writeUInt16BE(Number(id));
    return Buffer.concat([setting, uint32(value)]);
  });
  return Buffer.concat([
    http2Preface,
    http2Frame({ type: Http2Type.settings, payload: Buffer.concat(payload) }),
  ]);
}

/** The error code of the first GOAWAY among what a server sent; undefined if there is none. */
export function goawayCode(received: Uint8Array): number | undefined {
  const bytes = Buffer.from(received.buffer, received.byteOffset, received.length);
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === Http2Type.goaway && at + 17 <= bytes.length) return bytes.readUInt32BE(at + 13);
  }
  return undefined;
}

/** A string with its length, which has a prefix of 7 bits (RFC 7541, section 5.1). */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  length.push(rest);
  return Buffer.concat([Buffer.from(length), bytes]);
}
