import {
  Http2Flag,
  Http2Type,
  http2Frame,
  http2HeaderBlock,
  http2Preface,
  http2Start,
  type SeededRandom,
  type Token,
  uint32,
} from "@everdict/testkit";

/**
 * What no HTTP/2 client sends, by seed: noise, conversations that are cut off or changed, frames that lie, and floods of
 * what is right each by itself.
 */

const edges = [0, 1, 2, 5, 8, 9, 16_383, 16_384, 16_385, 0x00ff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** The frames of a call: headers and message. */
function call(token: Token, streamId: number, rpc: string, message: Uint8Array): Buffer[] {
  const block = http2HeaderBlock({
    ":method": "POST",
    ":scheme": "http",
    ":path": `/modal.client.ModalClient/${rpc}`,
    ":authority": "server",
    "content-type": "application/grpc",
    te: "trailers",
    "x-modal-token-id": token.tokenId,
    "x-modal-token-secret": token.tokenSecret,
  });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return [
    http2Frame({ type: Http2Type.headers, flags: Http2Flag.endHeaders, streamId, payload: block }),
    http2Frame({
      type: Http2Type.data,
      flags: Http2Flag.endStream,
      streamId,
      payload: Buffer.concat([prefix, message]),
    }),
  ];
}

/** Calls in order, as a real client makes them, with what else it sends. */
function conversation(random: SeededRandom, token: Token): Buffer[] {
  const frames = [http2Start({ 4: random.pick([0, 1, 65_535, 1 << 24]) })];
  for (let streamId = 1; streamId < 2 + 2 * random.integer(6); streamId += 2) {
    const rpc = random.pick(["DictLen", "DictGet", "EnvironmentList", "DictContents", "Nothing"]);
    frames.push(...call(token, streamId, rpc, bytes(random, random.integer(40))));
    if (random.chance(0.3)) frames.push(http2Frame({ type: Http2Type.ping, payload: bytes(random, 8) }));
    if (random.chance(0.2)) {
      frames.push(http2Frame({ type: Http2Type.rstStream, streamId, payload: uint32(random.integer(14)) }));
    }
    if (random.chance(0.2)) {
      frames.push(
        http2Frame({ type: Http2Type.windowUpdate, payload: uint32(random.pick(edges) & 0x7fff_ffff) }),
      );
    }
  }
  return frames;
}

function bytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(256)));
}

/** A frame of any type, with any flags, on any stream, that may lie about its length. */
function anyFrame(random: SeededRandom): Buffer {
  const payload = bytes(random, random.integer(60));
  return http2Frame({
    type: random.chance(0.9) ? random.integer(11) : random.integer(256),
    flags: random.chance(0.5) ? random.pick([0, 1, 4, 5, 8, 0x20]) : random.integer(256),
    streamId: random.pick([0, 1, 1, 3, 5, 2, 0x7fff_ffff]),
    payload,
    declaredBytes: random.chance(0.8) ? payload.length : random.pick(edges),
  });
}

/** The kinds, each by its name, as a function of the chance and a token that is good. */
export const hostileStreams: Readonly<Record<string, (random: SeededRandom, token: Token) => Buffer>> = {
  noise: (random) => Buffer.concat([http2Preface, bytes(random, random.integer(400))]),
  "noise behind settings": (random) => Buffer.concat([http2Start(), bytes(random, random.integer(400))]),
  frames: (random) =>
    Buffer.concat([http2Start(), ...Array.from({ length: 1 + random.integer(12) }, () => anyFrame(random))]),
  "a conversation, cut off": (random, token) => {
    const all = Buffer.concat(conversation(random, token));
    return all.subarray(0, random.integer(all.length));
  },
  "a conversation, changed": (random, token) => {
    const all = Buffer.concat(conversation(random, token));
    for (let changes = 1 + random.integer(4); changes > 0; changes--) {
      all[random.integer(all.length)] = random.integer(256);
    }
    return all;
  },
  "a conversation with a frame that does not belong": (random, token) => {
    const frames = conversation(random, token);
    frames.splice(1 + random.integer(frames.length), 0, anyFrame(random));
    return Buffer.concat(frames);
  },
  "frames of a conversation, in another order": (random, token) => {
    const [start, ...rest] = conversation(random, token);
    const order = rest.map((frame) => ({ frame, at: random.next() })).sort((a, b) => a.at - b.at);
    return Buffer.concat([start!, ...order.map(({ frame }) => frame)]);
  },
};

const floodFrames = 20_000;

function flood(frame: (index: number) => Buffer | readonly Buffer[]): Buffer {
  return Buffer.concat([
    http2Start(),
    ...Array.from({ length: floodFrames }, (_, index) => frame(index)).flat(),
  ]);
}

/** Floods: each frame is right, but there are twenty thousand of them. */
export const floods: Readonly<Record<string, (token: Token) => Buffer>> = {
  PING: () => flood(() => http2Frame({ type: Http2Type.ping, payload: Buffer.alloc(8) })),
  SETTINGS: () => flood(() => http2Frame({ type: Http2Type.settings })),
  "RST_STREAM right behind each request": (token) =>
    flood((index) => {
      const streamId = 2 * index + 1;
      const [headers] = call(token, streamId, "DictLen", Buffer.alloc(0));
      return [headers!, http2Frame({ type: Http2Type.rstStream, streamId, payload: uint32(8) })];
    }),
  CONTINUATION: (token) => {
    const [headers] = call(token, 1, "DictLen", Buffer.alloc(0));
    // Without END_HEADERS.
    headers![4] = 0;
    const more = http2HeaderBlock({ "x-more": "y".repeat(100) });
    const endless = http2Frame({ type: Http2Type.continuation, streamId: 1, payload: more });
    return Buffer.concat([http2Start(), headers!, ...Array<Buffer>(floodFrames).fill(endless)]);
  },
  "empty CONTINUATION": (token) => {
    const [headers] = call(token, 1, "DictLen", Buffer.alloc(0));
    headers![4] = 0;
    const endless = http2Frame({ type: Http2Type.continuation, streamId: 1 });
    return Buffer.concat([http2Start(), headers!, ...Array<Buffer>(floodFrames).fill(endless)]);
  },
  "empty DATA": (token) => {
    const [headers] = call(token, 1, "DictLen", Buffer.alloc(0));
    const endless = http2Frame({ type: Http2Type.data, streamId: 1 });
    return Buffer.concat([http2Start(), headers!, ...Array<Buffer>(floodFrames).fill(endless)]);
  },
  WINDOW_UPDATE: () => flood(() => http2Frame({ type: Http2Type.windowUpdate, payload: uint32(1) })),
  PRIORITY: () =>
    flood((index) =>
      http2Frame({ type: Http2Type.priority, streamId: 2 * index + 1, payload: Buffer.alloc(5) }),
    ),
  "requests that never end": (token) =>
    flood((index) => call(token, 2 * index + 1, "DictUpdate", Buffer.alloc(0))[0]!),
};

/** What begins properly and then stalls: the connection stays open, and nothing more comes. */
export const stalls: Readonly<Record<string, (token: Token) => Buffer>> = {
  "half a preface": () => http2Preface.subarray(0, 10),
  "a preface": () => http2Preface,
  "half a frame": () => Buffer.concat([http2Start(), Buffer.from([0, 0, 8, 6, 0])]),
  "headers without an end": (token) => {
    const [headers] = call(token, 1, "DictLen", Buffer.alloc(0));
    headers![4] = 0;
    return Buffer.concat([http2Start(), headers!]);
  },
  "a request without its message": (token) =>
    Buffer.concat([http2Start(), call(token, 1, "DictUpdate", Buffer.alloc(0))[0]!]),
  "half a message": (token) => {
    const [headers] = call(token, 1, "DictUpdate", Buffer.alloc(0));
    const half = Buffer.concat([Buffer.from([0, 0, 0, 0x40, 0]), Buffer.alloc(8000)]);
    return Buffer.concat([
      http2Start(),
      headers!,
      http2Frame({ type: Http2Type.data, streamId: 1, payload: half }),
    ]);
  },
};

/** Violations whose reason HTTP/2 lets a server give, with the error codes of it (RFC 9113, section 7). */
export const violations: readonly (readonly [string, readonly Buffer[], readonly number[]])[] = [
  ["DATA of no stream", [http2Frame({ type: Http2Type.data, payload: Buffer.alloc(3) })], [1]],
  ["CONTINUATION of nothing", [http2Frame({ type: Http2Type.continuation, streamId: 1 })], [1]],
  ["headers that cannot be decoded", [badHeaders()], [9]],
  ["a PING of seven bytes", [http2Frame({ type: Http2Type.ping, payload: Buffer.alloc(7) })], [6]],
  ["SETTINGS of five bytes", [http2Frame({ type: Http2Type.settings, payload: Buffer.alloc(5) })], [6]],
  ["a frame above the limit", [http2Frame({ type: Http2Type.data, payload: Buffer.alloc(20_000) })], [6]],
  // For these the platform says no more than that it met an error.
  ["a stream of an even number", [evenStream()], [1, 2]],
  ["a window above the limit", [windowUpdate(0x7fff_ffff)], [1, 2, 3]],
  ["a window that grows by nothing", [windowUpdate(0)], [1, 2]],
  ["PUSH_PROMISE by a client", [http2Frame({ type: Http2Type.pushPromise, streamId: 1 })], [1, 2, 6]],
];

function badHeaders(): Buffer {
  const payload = Buffer.alloc(6, 0xff);
  return http2Frame({ type: Http2Type.headers, flags: Http2Flag.endHeaders, streamId: 1, payload });
}

function evenStream(): Buffer {
  const payload = http2HeaderBlock({ ":method": "GET", ":path": "/", ":scheme": "http" });
  return http2Frame({ type: Http2Type.headers, flags: Http2Flag.endHeaders, streamId: 2, payload });
}

function windowUpdate(bytes: number): Buffer {
  return http2Frame({ type: Http2Type.windowUpdate, payload: uint32(bytes) });
}
