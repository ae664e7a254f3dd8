import { constants } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { createError, type Entry, Status } from "@everdict/protocol";
import {
  DictContentsRequestSchema,
  DictEntrySchema,
  DictLenRequestSchema,
  ModalClient,
} from "@everdict/protocol/api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GrpcClient } from "../../testing/grpc-client.ts";
import { framed } from "../../testing/messages.ts";
import { collect, RawClient } from "../../testing/raw-client.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { gate, waitFor } from "../../testing/wait-for.ts";

const request = framed(DictContentsRequestSchema, { dictId: "di-1", keys: true, values: true });

const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });

let contents: () => AsyncIterable<readonly Entry[]>;
let server: TestServer;
let client: RawClient;

beforeAll(async () => {
  server = await startTestServer({ contents: () => contents(), len: async () => 1 });
  client = new RawClient(server.url);
});

beforeEach(() => {
  server.calls.length = 0;
  server.logLines.length = 0;
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server.close();
});

function entry(index: number, valueBytes = 3): Entry {
  return { key: Buffer.from(`k${index}`), value: Buffer.alloc(valueBytes, index) };
}

/** Endless batches; counts what was taken, and says when the consumer stopped. */
function endless(valueBytes: number) {
  const state = { batches: 0, stopped: false };
  async function* generate(): AsyncGenerator<readonly Entry[]> {
    try {
      for (;;) {
        state.batches++;
        yield Array.from({ length: 100 }, (_, index) => entry(index, valueBytes));
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      state.stopped = true;
    }
  }
  return { state, generate };
}

describe("DictContents", () => {
  test("streams one entry a message", async () => {
    contents = async function* () {
      yield [entry(1), entry(2)];
      yield [];
      yield [entry(3, 100_000)];
    };
    const answer = await client.call("DictContents", { chunks: [request] });
    expect(answer.status).toBe(Status.OK);
    const entries = answer.messages.map((message) => fromBinary(DictEntrySchema, message));
    expect(entries.map(({ key, value }) => [Buffer.from(key).toString(), value.length])).toEqual([
      ["k1", 3],
      ["k2", 3],
      ["k3", 100_000],
    ]);
    expect(server.calls[0]?.args).toEqual(["di-1", { keys: true, values: true }]);
  });

  test("of nothing is a stream without messages that ends well", async () => {
    contents = async function* () {};
    const answer = await client.call("DictContents", { chunks: [request] });
    expect(answer).toMatchObject({ status: Status.OK, messages: [] });
    expect(answer.trailers?.["grpc-status"]).toBe("0");
  });

  test("that fails before the first entry is nothing but a status", async () => {
    // biome-ignore lint/correctness/useYield: it fails at its first step, as the service does
    contents = async function* () {
      throw createError("dict_not_found", "Dict 'di-1' not found");
    };
    const answer = await client.call("DictContents", { chunks: [request] });
    expect(answer).toMatchObject({ status: Status.NOT_FOUND, code: "dict_not_found" });
    expect(answer.trailers).toBeUndefined();
  });

  test("that fails on the way ends with the status after the entries", async () => {
    contents = async function* () {
      yield [entry(1), entry(2)];
      throw createError("dict_not_found", "deleted meanwhile");
    };
    const answer = await client.call("DictContents", { chunks: [request] });
    expect(answer.messages).toHaveLength(2);
    expect(answer).toMatchObject({
      status: Status.NOT_FOUND,
      code: "dict_not_found",
      message: "deleted meanwhile",
    });
    expect(answer.trailers).toBeDefined();
  });

  test("is read by the usual library", async () => {
    contents = async function* () {
      for (let batch = 0; batch < 50; batch++)
        yield Array.from({ length: 200 }, (_, index) => entry(index, batch));
    };
    using library = new GrpcClient(server.url);
    let entries = 0;
    for await (const { key } of library.stream(ModalClient.method.dictContents, {
      dictId: "di-1",
      keys: true,
    })) {
      expect(key.length).toBeGreaterThan(1);
      entries++;
    }
    expect(entries).toBe(10_000);
  });
});

describe("a consumer that stops early", () => {
  test("stops the producer, quietly", async () => {
    const { state, generate } = endless(1000);
    contents = generate;
    const stream = client.open("DictContents");
    const answer = collect(stream);
    stream.end(request);
    await waitFor(() => state.batches > 5);
    stream.close(constants.NGHTTP2_CANCEL);
    await answer;
    await waitFor(() => state.stopped);
    expect(server.calls[0]?.options?.signal?.aborted).toBe(true);
    await waitFor(() => server.logLines.length > 0);
    expect(server.logLines.filter((line) => JSON.parse(line).level > 20)).toEqual([]);
  });

  test("stops it also while it waits for its next batch", async () => {
    const next = gate();
    let stopped = false;
    contents = async function* () {
      try {
        yield [entry(1)];
        await next.opened;
        yield [entry(2)];
      } finally {
        stopped = true;
      }
    };
    const stream = client.open("DictContents");
    const answer = collect(stream);
    stream.end(request);
    await waitFor(() => server.calls.length === 1);
    stream.close(constants.NGHTTP2_CANCEL);
    await answer;
    await waitFor(() => server.calls[0]?.options?.signal?.aborted === true);
    next.open();
    await waitFor(() => stopped);
  });
});

describe("a slow consumer", () => {
  test("slows the producer down, and memory stays flat", async () => {
    const { state, generate } = endless(10_000);
    contents = generate;
    // A window of 64 KiB, as little as the protocol starts with.
    await using slow = new RawClient(server.url, { settings: { initialWindowSize: 65_535 } });
    const stream = slow.open("DictContents");
    stream.on("response", () => stream.pause());
    stream.end(request);
    await waitFor(() => state.batches > 0);
    const heldBytes = () => process.memoryUsage().arrayBuffers;
    const before = heldBytes();
    let seen = -1;
    // A batch is a megabyte: if nothing held the producer back, there would be more of them after twenty other calls.
    await waitFor(async () => {
      const grew = state.batches !== seen;
      seen = state.batches;
      for (let call = 0; call < 20; call++) await client.call("DictLen", { chunks: [lenRequest] });
      return !grew;
    });
    expect(state.batches).toBeLessThan(20);
    expect(heldBytes() - before).toBeLessThan(64 * 1024 * 1024);
    stream.resume();
    const reached = state.batches + 30;
    await waitFor(() => state.batches > reached, 15_000);
    stream.close(constants.NGHTTP2_CANCEL);
    await waitFor(() => state.stopped);
  });

  test("is reset at its deadline, since trailers would wait behind what it does not read", async () => {
    const { state, generate } = endless(10_000);
    contents = generate;
    await using slow = new RawClient(server.url, { settings: { initialWindowSize: 65_535 } });
    const stream = slow.open("DictContents", { "grpc-timeout": "150m" });
    stream.on("response", () => stream.pause());
    stream.end(request);
    await waitFor(() => state.stopped);
    expect(server.calls[0]?.options?.signal?.reason).toMatchObject({ code: "deadline_exceeded" });
    await waitFor(() =>
      server.logLines.some((line) => line.includes(`"status":${Status.DEADLINE_EXCEEDED}`)),
    );
    stream.resume();
    await waitFor(() => stream.closed);
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });
});

test("a deadline ends a stream that waits for its producer with a status", async () => {
  const never = gate();
  contents = async function* () {
    yield [entry(1)];
    await never.opened;
  };
  const answer = await client.call("DictContents", {
    chunks: [request],
    headers: { "grpc-timeout": "100m" },
  });
  expect(answer).toMatchObject({ status: Status.DEADLINE_EXCEEDED, code: "deadline_exceeded" });
  expect(answer.messages).toHaveLength(1);
  never.open();
});
