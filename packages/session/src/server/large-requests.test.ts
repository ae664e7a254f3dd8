import type { EverdictError, PromptDictService } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { FrameType, RequestFlag, requestTypes } from "../frames/wire.ts";
import type { Answers } from "./answers.ts";
import { RequestHandler, type RequestHandlerOptions } from "./request-handler.ts";
import { resolveSessionLimits } from "./server-limits.ts";

const contentBytes = 32 * 1024 * 1024;
/** What one request may hold the event loop, in milliseconds. */
const holdMaxMs = 50;
const rounds = 3;

const requests = Object.entries(FrameType).filter(
  ([, type]) => type >= requestTypes.first && type <= requestTypes.last,
);

/** A service that takes everything and does nothing. */
const service = new Proxy({} as PromptDictService, {
  get: (_, name) => (name === "contents" ? async function* () {} : () => Promise.resolve(true)),
});

/** A request in parts of one type, and how it was refused: the best of a few rounds. */
function ask(type: number, content: Uint8Array): { tookMs: number; code: string } {
  let best = { tookMs: Number.POSITIVE_INFINITY, code: "" };
  for (let round = 0; round < rounds && best.tookMs > holdMaxMs; round++) {
    const startMs = performance.now();
    const code = handle(type, content);
    const tookMs = performance.now() - startMs;
    if (tookMs < best.tookMs) best = { tookMs, code };
  }
  return best;
}

function handle(type: number, content: Uint8Array): string {
  let code = "taken";
  const refused = (_: number, error: EverdictError) => {
    code = error.code;
  };
  const handler = new RequestHandler({
    ...resolveSessionLimits(),
    service,
    answers: { error: refused, done: () => {}, flag: () => {} } as unknown as Answers,
    writeBuffer: {},
    keyPrefix: "",
    onPending: () => {},
    onAnswered: () => {},
    onPartsDone: () => {},
  } as unknown as RequestHandlerOptions);
  try {
    handler.handle(type, 1, new ByteSource().reset(content, 0, content.length), content.length);
  } catch (error) {
    if (!(error instanceof SessionProtocolError)) throw error;
    code = "broken";
  }
  handler.close();
  return code;
}

/** Flags, the id of a dictionary as text if one is named, and then whatever is given. */
function content(type: number, ...rest: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(contentBytes);
  const head = [RequestFlag.dictText, ...u32(1), 0x61];
  bytes.set([...(type < FrameType.getOrCreateDict ? head : [0]), ...rest]);
  return bytes;
}

function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

describe.each(requests)("a large %s of nothing holds the event loop for a moment only:", (_, type) => {
  const texts = new Uint8Array(contentBytes).fill(0xff);
  texts.set([RequestFlag.dictText, ...u32(contentBytes - 5)]);
  const managed = new Uint8Array(contentBytes).fill(0xff);
  managed.set([0, 1, ...u32(contentBytes - 6)]);

  test.each([
    ["zeroes", new Uint8Array(contentBytes)],
    ["a text that fills it, where a dictionary is named", texts],
    ["a text that fills it, in front of the rest", managed],
    [
      "an idempotency key that fills it",
      texts.map((byte, at) => (at === 0 ? RequestFlag.idempotencyKeyText : byte)),
    ],
  ])("%s", (_name, bytes) => {
    expect(ask(type, bytes).tookMs, `${contentBytes} bytes`).toBeLessThan(holdMaxMs);
  });
});

describe("entries are counted before objects are made of them", () => {
  const count = contentBytes / 8 - 16;

  test.each([
    ["update", FrameType.update, u32(count)],
    ["putIfAbsent", FrameType.putIfAbsent, u32(count)],
    // Mode, environment, name, expiry, durability.
    ["getOrCreateDict", FrameType.getOrCreateDict, [1, ...u32(0), ...u32(0), 0, 0, ...u32(count)]],
  ])("%s of millions of empty entries is refused at once", (_, type, rest) => {
    const { tookMs, code } = ask(type, content(type, ...rest));
    expect(tookMs, `${count} entries`).toBeLessThan(holdMaxMs);
    expect(code).toBe("too_many_entries");
  });

  test("as many as are allowed pass, one more does not", () => {
    const { requestMaxEntries } = resolveSessionLimits();
    const update = (entries: number) => {
      const bytes = content(FrameType.update, ...u32(entries));
      return handle(FrameType.update, bytes.subarray(0, 6 + 4 + 8 * entries));
    };
    expect(update(requestMaxEntries)).toBe("taken");
    expect(update(requestMaxEntries + 1)).toBe("too_many_entries");
  });
});
