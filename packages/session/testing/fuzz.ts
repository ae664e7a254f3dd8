/**
 * Random, truncated and mutated frames against either end of a session.
 *
 * What must hold, whatever arrives: nothing throws, nothing hangs, and either the connection ends with a reason or it
 * still works; a neighbour on the same server never notices.
 */

import { type AnswerTypes, type Entry, type Method, methodRule } from "@everdict/protocol";
import { type SeededRandom, turns } from "@everdict/testkit";
import type { ByteSink } from "../src/frames/byte-sink.ts";
import { answerTypes, FrameType } from "../src/frames/wire.ts";
import { carrierPair, SessionClientConnection, SessionHost } from "../src/index.ts";
import { writeWelcome } from "../src/messages/handshake.ts";
import { fakeService } from "./fake-service.ts";
import { fakeTimers } from "./fake-timers.ts";
import { dictFrame, errorCode, frame, helloFrame, type RawPeer, rawPeer } from "./raw-peer.ts";
import { sampleAnswers, writeSample } from "./sample-messages.ts";
import { bytes, token } from "./session-setup.ts";

/** What a run came to. */
export interface FuzzResult {
  readonly frames: number;
  /** Connections that were ended, by the code of the reason. */
  readonly ended: Readonly<Record<string, number>>;
  /** Connections that took everything, and were found to work afterwards. */
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
function someFrame(random: SeededRandom, types: readonly number[]): Uint8Array {
  const type = random.integer(4) === 0 ? random.integer(256) : types[random.integer(types.length)]!;
  const id = random.integer(3) === 0 ? edges[random.integer(edges.length)]! : random.integer(6);
  const made = frame(type, id, (sink) => someContent(random, type, sink));
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

function someContent(random: SeededRandom, type: number, sink: ByteSink): void {
  // What is right, before it is cut off or changed, gets further than what is made up.
  if (random.integer(3) === 0 && writeSample(type, sink)) return;
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

const info = { dictId: "di-x", name: "n", createdAtSeconds: 1, createdBy: "c", environmentId: "en-x" };

/** What a service may answer, by the kind of the answer. */
const answersByKind: { readonly [Kind in keyof AnswerTypes]: (random: SeededRandom) => unknown } = {
  done: () => undefined,
  written: () => undefined,
  value: (random) => (random.integer(2) === 0 ? undefined : bytes("value")),
  outcome: (random) =>
    random.integer(2) === 0
      ? sampleAnswers.outcome
      : { committed: false, reason: "out_of_bounds", index: 1, found: undefined },
  foundEntry: (random) => (random.integer(2) === 0 ? undefined : sampleAnswers.foundEntry),
  values: () => [...sampleAnswers.values, new Uint8Array(40_000)],
  page: () => sampleAnswers.page,
  stats: () => sampleAnswers.stats,
  flag: () => true,
  count: () => 3,
  dictInfo: () => info,
  dictInfos: () => [info],
  environmentInfo: () => ({ ...info, webSuffix: "", isDefault: false }),
  environmentInfos: () => [],
  stream: () => endless(),
};

/** Something that a service may answer, at once or later. */
function someAnswers(random: SeededRandom): (method: string) => unknown {
  return (method) => {
    if (method === "forget") return undefined;
    const { answer: kind } = methodRule(method as Method);
    const answer = answersByKind[kind](random);
    const isAtOnce = kind === "stream" || (!needsPromise.has(kind) && random.integer(2) === 0);
    return isAtOnce ? answer : Promise.resolve(answer);
  };
}

/** Lists are encoded in slices. */
const needsPromise: ReadonlySet<string> = new Set(["dictInfos", "environmentInfos"]);

async function* endless(): AsyncGenerator<readonly Entry[]> {
  for (;;) yield [{ key: bytes("k"), value: new Uint8Array(100) }];
}

/**
 * The zeros that complete a frame of which a part was sent: only at the end of a frame can anybody be asked anything.
 */
function restOfFrame(sent: readonly Uint8Array[]): Uint8Array {
  const all = Buffer.concat(sent);
  let at = 0;
  while (at + 4 <= all.length) at += 4 + all.readUInt32LE(at);
  if (at === all.length) return new Uint8Array(0);
  if (at > all.length) return new Uint8Array(Math.min(at - all.length, restMaxBytes));
  // Even the length is cut off.
  const length = Buffer.concat([all.subarray(at), new Uint8Array(4)]).readUInt32LE(0);
  return new Uint8Array(4 - (all.length - at) + Math.min(length, restMaxBytes));
}

/** More than any frame may have: a receiver that waits for this much is wrong. */
const restMaxBytes = 200_000;
const askedId = 0x7a7a_7a7a;
/** A question that needs nothing of what was sent before. */
const question = [
  frame(FrameType.ping, askedId),
  frame(FrameType.len, askedId, (sink) => {
    sink.u8(8);
    sink.text("di-survivor");
  }),
];

/** Lets a connection settle: it ends, for which the client must have been told the reason, or it still works. */
async function outcomeOf(client: RawPeer, sent: readonly Uint8Array[]): Promise<string | undefined> {
  await turns(4);
  client.send(restOfFrame(sent), ...question);
  const isAnswered = () =>
    client.ofType(FrameType.pong).some(({ id }) => id === askedId) &&
    client.frames.some(
      ({ type, id }) => id === askedId && type >= answerTypes.first && type <= answerTypes.last,
    );
  for (let turn = 0; turn < 500 && !client.isClosed && !isAnswered(); turn++) await turns(1);
  if (!client.isClosed) {
    if (!isAnswered()) throw new Error("a connection neither ends nor works");
    client.destroy();
    await turns(2);
    return undefined;
  }
  const [reason, ...others] = client.ofType(FrameType.goodbye);
  if (reason === undefined || others.length > 0) throw new Error("a connection ended without one reason");
  return errorCode(reason);
}

/** Sends so many broken frames to a server, over as many connections as that takes. */
export async function fuzzServer(random: SeededRandom, framesCount: number): Promise<FuzzResult> {
  const { service, calls } = fakeService(someAnswers(random));
  const ended: Record<string, number> = {};
  const told: Record<string, number> = {};
  const defects: unknown[] = [];
  const timers = fakeTimers();
  const host = new SessionHost({
    timers,
    authorize: (tokenId) => (tokenId === token.tokenId ? { service, isValid: () => true } : undefined),
    onSessionError: ({ code }) => {
      ended[code] = (ended[code] ?? 0) + 1;
    },
    onDefect: (caught) => defects.push(caught),
  });
  const [neighbourEnd, neighbourServerEnd] = carrierPair();
  host.accept(neighbourServerEnd);
  const neighbour = new SessionClientConnection(neighbourEnd, token);
  const types = frameTypes.filter((type) => type < 0x80);
  let frames = 0;
  let survived = 0;
  let called = 0;
  while (frames < framesCount) {
    const [clientEnd, serverEnd] = carrierPair();
    host.accept(serverEnd);
    const client = rawPeer(clientEnd);
    const sent = random.integer(10) > 0 ? [helloFrame(), dictFrame] : [];
    // Short bursts leave survivors, long ones get further into the state of a session.
    for (let burst = 1 + random.integer(random.integer(2) === 0 ? 3 : 40); burst > 0; burst--) {
      sent.push(someFrame(random, types));
      frames++;
    }
    client.send(...sent);
    const code = await outcomeOf(client, sent);
    if (code === undefined) survived++;
    else told[code] = (told[code] ?? 0) + 1;
    called += calls.splice(0).length;
    await neighbour.get("di-neighbour", bytes("k"));
    // Peers that were told the reason have had time to read it. Nothing is kept of them.
    await timers.advance(2001);
  }
  if (defects.length > 0)
    throw new Error("the service was called in a way that it cannot take", { cause: defects[0] });
  for (const [code, times] of Object.entries(ended)) {
    if (told[code] !== times)
      throw new Error(`${times} sessions ended with ${code}, ${told[code]} were told`);
  }
  await neighbour.close();
  await host.close(1000);
  if (host.sessionCount > 0) throw new Error(`${host.sessionCount} sessions are left`);
  return { frames, ended, survived, calls: called };
}

/** Whether a client that took everything still gets its answers. */
async function stillWorks(connection: SessionClientConnection, server: RawPeer, sent: readonly Uint8Array[]) {
  server.send(restOfFrame(sent));
  await turns(4);
  if (server.isClosed) return false;
  const before = server.ofType(FrameType.len).length;
  const length = connection.len("di-survivor");
  length.catch(() => {});
  for (let turn = 0; turn < 100 && server.ofType(FrameType.len).length === before; turn++) {
    await turns(1);
    if (server.isClosed) return false;
  }
  const asked = server.ofType(FrameType.len)[before];
  // A server that said goodbye gets nothing new; one that never said WELCOME neither.
  if (asked === undefined) return false;
  server.send(frame(FrameType.count, asked.id, (sink) => sink.u64(7)));
  if ((await length) !== 7) throw new Error("a client that took everything got a wrong answer");
  return true;
}

/** Sends so many broken frames to clients whose calls are under way; all of them must settle. */
export async function fuzzClient(random: SeededRandom, framesCount: number): Promise<FuzzResult> {
  const ended: Record<string, number> = {};
  const welcome = frame(FrameType.welcome, 0, (sink) =>
    writeWelcome(sink, {
      version: 1,
      agent: "fuzz",
      settings: new Map([
        [2, 1 << 20],
        [6, 4],
        [8, 1],
      ]),
    }),
  );
  const types = frameTypes.filter((type) => type >= 0x80 || type < 0x10);
  let frames = 0;
  let survived = 0;
  let called = 0;
  while (frames < framesCount) {
    const [clientEnd, serverEnd] = carrierPair();
    const server = rawPeer(serverEnd);
    const connection = new SessionClientConnection(clientEnd, token);
    const sent = random.integer(10) > 0 ? [welcome] : [];
    const dictId = "di-1";
    const calls: Promise<unknown>[] = [
      connection.get(dictId, bytes("k")),
      connection.len(dictId),
      connection.update(dictId, []),
      connection.listDicts({ environment: "", maxObjects: 0 }),
      connection.contents(dictId, { keys: true, values: true }).next(),
      connection.getDictById(dictId),
      connection.commit(dictId, { conditions: [], changes: [] }),
      connection.entry(dictId, bytes("k")),
      connection.getMany(dictId, [bytes("k")]),
      connection.page(dictId, { limit: 1, values: true }),
      connection.stats(dictId),
    ];
    called += calls.length;
    // They fail at any moment from here on, and are looked at in the end.
    const settled = Promise.allSettled(calls);
    server.send(...sent);
    await turns(2);
    for (let burst = 1 + random.integer(random.integer(2) === 0 ? 2 : 20); burst > 0; burst--) {
      const next = someFrame(random, types);
      sent.push(next);
      server.send(next);
      frames++;
    }
    await turns(4);
    if (await stillWorks(connection, server, sent)) survived++;
    server.destroy();
    await settled;
    const { code, message } = await connection.closed;
    if (message === "") throw new Error("a connection ended without a reason");
    ended[code] = (ended[code] ?? 0) + 1;
  }
  return { frames, ended, survived, calls: called };
}
