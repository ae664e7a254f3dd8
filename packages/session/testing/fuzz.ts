/**
 * Random, truncated and mutated frames against either end of a session.
 *
 * What must hold, whatever arrives: nothing throws, nothing hangs, and either the connection ends with a reason or it
 * still works; a neighbour on the same server never notices.
 */

import type { Entry } from "@everdict/protocol";
import type { ByteSink } from "../src/frames/byte-sink.ts";
import { FrameType } from "../src/frames/wire.ts";
import { carrierPair, SessionClientConnection, SessionHost } from "../src/index.ts";
import { writeWelcome } from "../src/messages/handshake.ts";
import { fakeService } from "./fake-service.ts";
import { dictFrame, frame, helloFrame, rawPeer } from "./raw-peer.ts";
import { bytes, token, turns } from "./session-setup.ts";

/** Numbers that depend on a seed alone. */
export interface FuzzRandom {
  /** From 0 up to but not including `below`. */
  integer(below: number): number;
}

/** What a run came to. */
export interface FuzzResult {
  readonly frames: number;
  /** Connections that were ended, by the code of the reason. */
  readonly ended: Readonly<Record<string, number>>;
  /** Connections that took everything and still worked. */
  readonly survived: number;
  /** Calls of the service. */
  readonly calls: number;
}

/** Numbers at which code tends to break. */
const edges = [
  0, 1, 2, 4, 5, 255, 1023, 1024, 65_535, 131_072, 131_073, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];
const frameTypes = Object.values(FrameType);

/** A frame that is right, or nearly so, or not at all. */
function someFrame(random: FuzzRandom, types: readonly number[]): Uint8Array {
  const type = random.integer(4) === 0 ? random.integer(256) : types[random.integer(types.length)]!;
  const id = random.integer(3) === 0 ? edges[random.integer(edges.length)]! : random.integer(6);
  const made = frame(type, id, (sink) => someContent(random, sink));
  switch (random.integer(8)) {
    case 0:
      // Cut off: what follows is read as the rest of it.
      return made.subarray(0, random.integer(made.length));
    case 1: {
      const mutated = made.slice();
      mutated[random.integer(mutated.length)] = random.integer(256);
      return mutated;
    }
    case 2: {
      const mutated = made.slice();
      new DataView(mutated.buffer).setUint32(0, edges[random.integer(edges.length)]!, true);
      return mutated;
    }
    default:
      return made;
  }
}

function someContent(random: FuzzRandom, sink: ByteSink): void {
  if (random.integer(2) === 0) sink.u8([0, 1, 2, 4, 8, 15, 255][random.integer(7)]!);
  for (let fields = random.integer(7); fields > 0; fields--) {
    switch (random.integer(6)) {
      case 0:
        sink.u8(random.integer(256));
        break;
      case 1:
        sink.u32(edges[random.integer(edges.length)]!);
        break;
      case 2:
        sink.u32(random.integer(3));
        break;
      case 3:
        sink.text("di-1234567890123456789012".slice(0, random.integer(26)));
        break;
      case 4:
        sink.f64([0, -1, Number.NaN, 1e300][random.integer(4)]!);
        break;
      default:
        sink.raw(Uint8Array.from({ length: random.integer(40) }, () => random.integer(256)));
    }
  }
}

/** Something that a service may answer, at once or later. */
function someAnswers(random: FuzzRandom): (method: string) => unknown {
  const info = { dictId: "di-x", name: "n", createdAtSeconds: 1, createdBy: "c", environmentId: "en-x" };
  const answers: Record<string, unknown> = {
    get: bytes("value"),
    pop: undefined,
    contains: true,
    update: true,
    len: 3,
    listDicts: [info],
    listEnvironments: [],
  };
  return (method) => {
    if (method === "contents") return endless();
    const answer = method in answers ? answers[method] : { ...info, webSuffix: "", isDefault: false };
    return random.integer(2) === 0 ? answer : Promise.resolve(answer);
  };
}

async function* endless(): AsyncGenerator<readonly Entry[]> {
  for (;;) yield [{ key: bytes("k"), value: new Uint8Array(100) }];
}

/** Sends so many broken frames to a server, over as many connections as that takes. */
export async function fuzzServer(random: FuzzRandom, framesCount: number): Promise<FuzzResult> {
  const { service, calls } = fakeService(someAnswers(random));
  const ended: Record<string, number> = {};
  const defects: unknown[] = [];
  const host = new SessionHost({
    authorize: (tokenId) => (tokenId === token.tokenId ? { service, isValid: () => true } : undefined),
    onSessionError: ({ code }) => {
      ended[code] = (ended[code] ?? 0) + 1;
    },
    onDefect: (caught) => defects.push(caught),
  });
  const [neighbourEnd, neighbourServerEnd] = carrierPair();
  host.accept(neighbourServerEnd);
  const neighbour = new SessionClientConnection(neighbourEnd, token);
  let sent = 0;
  let survived = 0;
  let called = 0;
  while (sent < framesCount) {
    const [clientEnd, serverEnd] = carrierPair();
    host.accept(serverEnd);
    const client = rawPeer(clientEnd);
    if (random.integer(10) > 0) client.send(helloFrame(), dictFrame);
    for (let burst = 1 + random.integer(40); burst > 0; burst--) {
      client.send(
        someFrame(
          random,
          frameTypes.filter((type) => type < 0x80),
        ),
      );
      sent++;
    }
    await turns(4);
    if (!client.isClosed) {
      survived++;
      client.destroy();
      await turns(2);
    }
    called += calls.splice(0).length;
    await neighbour.get("di-neighbour", bytes("k"));
  }
  if (defects.length > 0)
    throw new Error("the service was called in a way that it cannot take", { cause: defects[0] });
  await neighbour.close();
  await host.close(1000);
  if (host.sessionCount > 0) throw new Error(`${host.sessionCount} sessions are left`);
  return { frames: sent, ended, survived, calls: called };
}

/** Sends so many broken frames to clients whose calls are under way; all of them must settle. */
export async function fuzzClient(random: FuzzRandom, framesCount: number): Promise<FuzzResult> {
  const ended: Record<string, number> = {};
  const welcome = frame(FrameType.welcome, 0, (sink) =>
    writeWelcome(sink, {
      version: 1,
      agent: "fuzz",
      settings: new Map([
        [2, 1 << 20],
        [6, 4],
      ]),
    }),
  );
  let sent = 0;
  let survived = 0;
  let called = 0;
  while (sent < framesCount) {
    const [clientEnd, serverEnd] = carrierPair();
    const server = rawPeer(serverEnd);
    const connection = new SessionClientConnection(clientEnd, token);
    if (random.integer(10) > 0) server.send(welcome);
    const dictId = "di-1";
    const calls: Promise<unknown>[] = [
      connection.get(dictId, bytes("k")),
      connection.len(dictId),
      connection.update(dictId, [], false),
      connection.listDicts({ environment: "", maxObjects: 0 }),
      connection.contents(dictId, { keys: true, values: true }).next(),
      connection.getDictById(dictId),
    ];
    called += calls.length;
    // They fail at any moment from here on, and are looked at in the end.
    const settled = Promise.allSettled(calls);
    await turns(2);
    for (let burst = 1 + random.integer(20); burst > 0; burst--) {
      server.send(
        someFrame(
          random,
          frameTypes.filter((type) => type >= 0x80 || type < 0x10),
        ),
      );
      sent++;
    }
    await turns(4);
    if (!server.isClosed) survived++;
    server.destroy();
    await settled;
    const { code } = await connection.closed;
    ended[code] = (ended[code] ?? 0) + 1;
  }
  return { frames: sent, ended, survived, calls: called };
}
