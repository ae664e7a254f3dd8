import { once } from "node:events";
import { constants } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { createError, type ErrorCode, errorTable, Status } from "@everdict/protocol";
import {
  DictGetRequestSchema,
  DictGetResponseSchema,
  DictLenRequestSchema,
  DictLenResponseSchema,
} from "@everdict/protocol/api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { framed } from "../../testing/messages.ts";
import { collect, frame, RawClient } from "../../testing/raw-client.ts";
import { startTestServer, type TestServer, testToken } from "../../testing/test-server.ts";
import { gate, waitFor } from "../../testing/wait-for.ts";

const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });
const getRequest = framed(DictGetRequestSchema, { dictId: "di-1", key: new Uint8Array([9]) });
const secretKey = new TextEncoder().encode("KEYTEXT");

let answerLen: () => Promise<number>;
let server: TestServer;
let client: RawClient;

beforeAll(async () => {
  server = await startTestServer(
    {
      len: () => answerLen(),
      get: async (_dictId, key) => key,
    },
    { limits: { requestMaxBytes: 1_000_000 } },
  );
  client = new RawClient(server.url);
});

beforeEach(() => {
  answerLen = async () => 42;
  server.calls.length = 0;
  server.logLines.length = 0;
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server.close();
});

const len = (call: Parameters<RawClient["call"]>[1] = {}) =>
  client.call("DictLen", { chunks: [lenRequest], ...call });

describe("an answer", () => {
  test("is headers, one message, and the status as trailers", async () => {
    const answer = await len();
    expect(answer.headers[":status"]).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/grpc");
    expect(answer.headers["grpc-status"]).toBeUndefined();
    expect(answer.trailers?.["grpc-status"]).toBe("0");
    expect(answer.messages).toHaveLength(1);
    expect(fromBinary(DictLenResponseSchema, answer.messages[0]!).len).toBe(42);
    expect(answer.body[0]).toBe(0);
    expect(answer.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  test("comes however the request is cut", async () => {
    for (const chunks of [
      [...lenRequest].map((byte) => Buffer.from([byte])),
      [lenRequest.subarray(0, 3), lenRequest.subarray(3, 8), lenRequest.subarray(8)],
      [Buffer.alloc(0), lenRequest, Buffer.alloc(0)],
    ]) {
      expect((await len({ chunks })).status).toBe(Status.OK);
    }
  });

  test.each([
    "application/grpc",
    "application/grpc+proto",
    "Application/GRPC",
    "application/grpc; charset=utf-8",
  ])("comes for content type %s", async (contentType) => {
    expect((await len({ headers: { "content-type": contentType } })).status).toBe(Status.OK);
  });

  test("does not need te, a user agent or any other header than the credentials", async () => {
    expect((await len({ headers: { te: undefined } })).status).toBe(Status.OK);
  });

  test("tolerates headers of every client there is", async () => {
    const headers = {
      "x-modal-client-version": "1.5.4",
      "x-modal-client-type": "8",
      "x-modal-node": Buffer.from("hüst").toString("latin1"),
      "x-modal-auth-token": "a.b.c",
      "x-retry-attempt": "0",
      "x-modal-timestamp": "1.5",
      "grpc-accept-encoding": "gzip, identity",
    };
    expect((await len({ headers })).status).toBe(Status.OK);
  });
});

describe("a call", () => {
  test("passes its idempotency key on", async () => {
    await len({ headers: { "x-idempotency-key": "abc-1" } });
    expect(server.calls[0]?.options?.idempotencyKey).toBe("abc-1");
    await len();
    expect(server.calls[1]?.options?.idempotencyKey).toBeUndefined();
  });

  test.each([
    ["no credentials", { "x-modal-token-id": undefined, "x-modal-token-secret": undefined }],
    ["no secret", { "x-modal-token-secret": undefined }],
    ["no id", { "x-modal-token-id": undefined }],
    ["an empty secret", { "x-modal-token-secret": "" }],
    ["a wrong secret", { "x-modal-token-secret": "as-wrong" }],
    ["an unknown id", { "x-modal-token-id": "ak-unknown" }],
    [
      "the client type of a container, which sends none",
      { "x-modal-client-type": "3", "x-modal-token-id": undefined },
    ],
  ])("with %s is refused with one and the same text", async (_what, headers) => {
    const answer = await len({ headers });
    expect(answer).toMatchObject({ status: Status.UNAUTHENTICATED, code: "unauthenticated" });
    expect(answer.message).toContain("MODAL_TOKEN_ID");
    expect(answer.message).toMatch(
      /^the token id or the token secret is missing, unknown, revoked or past its end/,
    );
    expect(server.calls).toEqual([]);
  });

  test("to an unknown RPC says what this server has, and is logged once by name", async () => {
    const ask = (path: string) => client.call(path, { chunks: [frame(Buffer.alloc(0))] });
    const answer = await ask("QueueList");
    expect(answer).toMatchObject({ status: Status.UNIMPLEMENTED, code: "unimplemented" });
    expect(answer.message).toBe(
      "this server has dictionaries and environments only: it has no 'QueueList' of Modal's cloud",
    );
    await ask("QueueList");
    await ask("AppList");
    const logged = server.logLines.filter((line) => line.includes("does not have"));
    expect(logged.map((line) => (JSON.parse(line) as { rpc: string }).rpc)).toEqual(["QueueList", "AppList"]);
    expect((await client.call("/other.Service/DictLen")).status).toBe(Status.UNIMPLEMENTED);
    const later = await client.call("/everdict.v2.Dicts/Watch");
    expect(later.message).toBe("this server has no 'Watch': it is older than its client");
    expect((await client.call("/")).status).toBe(Status.UNIMPLEMENTED);
  });

  test.each(["TokenFlowCreate", "TokenFlowWait"])(
    "of those who ask for a token in a browser (%s) names the command that makes one",
    async (name) => {
      const chunks = [frame(Buffer.alloc(0))];
      const headers = { "x-modal-token-id": undefined, "x-modal-token-secret": undefined };
      const answers = [await client.call(name, { chunks }), await client.call(name, { chunks, headers })];
      expect(answers.map(({ status }) => status)).toEqual([Status.UNIMPLEMENTED, Status.UNAUTHENTICATED]);
      for (const { message } of answers) expect(message).toContain("run `everdict token create`");
      expect(server.logLines.filter((line) => line.includes(`"rpc":"${name}"`))).toHaveLength(1);
    },
  );

  test.each([
    ["no message", [], Status.UNIMPLEMENTED, "unimplemented"],
    ["two messages", [lenRequest, lenRequest], Status.UNIMPLEMENTED, "unimplemented"],
    [
      "two messages in one chunk",
      [Buffer.concat([lenRequest, lenRequest])],
      Status.UNIMPLEMENTED,
      "unimplemented",
    ],
    ["half a message", [lenRequest.subarray(0, 7)], Status.INVALID_ARGUMENT, "invalid_argument"],
    ["half a prefix", [lenRequest.subarray(0, 2)], Status.INVALID_ARGUMENT, "invalid_argument"],
    [
      "a message that is not protobuf",
      [frame(Buffer.from([0xff, 0xff]))],
      Status.INVALID_ARGUMENT,
      "invalid_argument",
    ],
    ["a compressed message", [frame(Buffer.from([1]), 1)], Status.INTERNAL, "internal"],
  ])("with %s is refused", async (_what, chunks, status, code) => {
    const answer = await len({ chunks });
    expect(answer).toMatchObject({ status, code });
    expect(answer.message).not.toBe("");
    expect(server.calls).toEqual([]);
  });

  test("with a compressed message names what is accepted", async () => {
    const answer = await len({ chunks: [frame(Buffer.from([1]), 1)], headers: { "grpc-encoding": "gzip" } });
    expect(answer.status).toBe(Status.UNIMPLEMENTED);
    expect(answer.headers["grpc-accept-encoding"]).toBe("identity");
  });

  test("that declares too much is refused at once, before its body is sent", async () => {
    const prefix = Buffer.from([0, 0, 0x0f, 0x42, 0x41]);
    const answer = await len({ chunks: [prefix], keepOpen: true });
    expect(answer).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, code: "request_too_large" });
    expect(answer.message).toBe("request is 1000001 bytes, limit is 1000000 bytes (status = '413')");
    expect(answer.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  test("that goes on sending after it was refused gets its status, and a reset without an error", async () => {
    const stream = client.open("DictLen", { "x-modal-token-secret": "wrong" });
    const answer = collect(stream);
    const chunk = Buffer.alloc(16_384);
    while (!stream.closed && !stream.destroyed) {
      stream.write(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answer).toMatchObject({
      status: Status.UNAUTHENTICATED,
      rstCode: constants.NGHTTP2_NO_ERROR,
    });
  });

  test("of another kind than gRPC over POST is answered with HTTP", async () => {
    const statusOf = async (headers: Record<string, string>) => (await len({ headers })).headers[":status"];
    expect(await statusOf({ "content-type": "application/json" })).toBe(415);
    expect(await statusOf({ "content-type": "application/grpc+json" })).toBe(415);
    expect(await statusOf({ "content-type": "application/grpc-web" })).toBe(415);
    expect(await statusOf({ ":method": "PUT" })).toBe(405);
    expect((await client.call("DictLen", { headers: { ":method": "GET" } })).headers[":status"]).toBe(405);
  });
});

describe("a failure of the service", () => {
  const codes = Object.keys(errorTable) as ErrorCode[];

  test.each(codes)("%s travels with its status and code", async (code) => {
    answerLen = async () => {
      throw createError(code, "naïve 100 % — what happened");
    };
    const answer = await len();
    expect(answer).toMatchObject({ status: errorTable[code].status, code });
    expect(answer.message).toMatch(/^naïve 100 % — what happened/);
    expect(answer.trailers).toBeUndefined();
    expect(answer.body).toHaveLength(0);
  });

  test.each([
    ["an exception", () => Promise.reject(new Error("SECRETVALUE"))],
    ["something that is no error", () => Promise.reject("SECRETVALUE")],
    ["nothing", () => Promise.reject(undefined)],
  ])("by throwing %s is INTERNAL, logged, and not told to the client", async (_what, fail) => {
    answerLen = fail as () => Promise<number>;
    const answer = await len();
    expect(answer).toMatchObject({ status: Status.INTERNAL, code: "internal" });
    expect(answer.message).not.toContain("SECRETVALUE");
    expect(server.logLines.some((line) => line.includes("unexpected exception"))).toBe(true);
    answerLen = async () => 42;
    expect((await len()).status).toBe(Status.OK);
  });

  test("that is a defect or damage is logged, a client's mistake is not", async () => {
    const errorLines = () => server.logLines.filter((line) => JSON.parse(line).level >= 50);
    for (const [code, logged] of [
      ["dict_not_found", 0],
      ["data_loss", 1],
      ["internal", 2],
    ] as const) {
      answerLen = async () => {
        throw createError(code, "text");
      };
      await len();
      expect(errorLines()).toHaveLength(logged);
    }
  });

  test("by answering what cannot be encoded is INTERNAL", async () => {
    answerLen = async () => "many" as unknown as number;
    expect(await len()).toMatchObject({ status: Status.INTERNAL, code: "internal" });
  });
});

describe("a deadline", () => {
  test("ends the call for the client and aborts it for the service", async () => {
    const never = gate<number>();
    answerLen = () => never.opened;
    const answer = await len({ headers: { "grpc-timeout": "30m" } });
    expect(answer).toMatchObject({ status: Status.DEADLINE_EXCEEDED, code: "deadline_exceeded" });
    const signal = server.calls[0]?.options?.signal;
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ code: "deadline_exceeded" });
    never.open(1);
  });

  test("also bounds the time that the request takes to arrive", async () => {
    const answer = await len({
      headers: { "grpc-timeout": "30m" },
      chunks: [lenRequest.subarray(0, 4)],
      keepOpen: true,
    });
    expect(answer.status).toBe(Status.DEADLINE_EXCEEDED);
    expect(server.calls).toEqual([]);
  });

  test("that is not reached changes nothing", async () => {
    expect((await len({ headers: { "grpc-timeout": "10S" } })).status).toBe(Status.OK);
  });

  test("that nobody can read is refused", async () => {
    expect((await len({ headers: { "grpc-timeout": "soon" } })).status).toBe(Status.INVALID_ARGUMENT);
  });
});

describe("a client that resets its call", () => {
  test("aborts it for the service", async () => {
    const never = gate<number>();
    answerLen = () => never.opened;
    const stream = client.open("DictLen");
    stream.end(lenRequest);
    await waitFor(() => server.calls.length === 1);
    const signal = server.calls[0]!.options!.signal!;
    expect(signal.aborted).toBe(false);
    stream.close(constants.NGHTTP2_CANCEL);
    await waitFor(() => signal.aborted);
    expect(signal.reason).toMatchObject({ code: "cancelled" });
    never.open(1);
    expect((await len()).status).toBe(Status.OK);
  });

  test("by vanishing halfway through its request is forgotten", async () => {
    const other = new RawClient(server.url);
    await once(other.session, "connect");
    other.open("DictLen").write(lenRequest.subarray(0, 4));
    await new Promise<void>((resolve) => other.session.ping(() => resolve()));
    await other[Symbol.asyncDispose]();
    await waitFor(() => server.logLines.some((line) => line.includes(`"status":${Status.CANCELLED},`)));
    expect(server.calls).toEqual([]);
  });

  test("does not abort the calls that come after", async () => {
    for (let round = 0; round < 20; round++) {
      const stream = client.open("DictLen");
      stream.end(lenRequest);
      stream.close(constants.NGHTTP2_CANCEL);
      expect((await len()).status).toBe(Status.OK);
    }
    expect(server.calls.at(-1)?.options?.signal?.aborted).toBe(false);
  });
});

describe("the log", () => {
  test("has one line a call, with sizes and without keys, values and secrets", async () => {
    const request = framed(DictGetRequestSchema, { dictId: "di-1", key: secretKey });
    await client.call("DictGet", { chunks: [request] });
    await waitFor(() => server.logLines.length === 1);
    const line = JSON.parse(server.logLines[0]!);
    expect(line).toMatchObject({ level: 20, rpc: "DictGet", status: 0, requestBytes: request.length - 5 });
    expect(line.durationMs).toBeGreaterThan(0);
    expect(line.responseBytes).toBeGreaterThan(secretKey.length);
    const secrets = ["KEYTEXT", Buffer.from(secretKey).toString("base64"), testToken.tokenSecret];
    for (const secret of secrets) expect(server.logLines.join("")).not.toContain(secret);
  });
});

test("a thousand calls at once on one connection are all answered", async () => {
  const calls = Array.from({ length: 1000 }, () => client.call("DictGet", { chunks: [getRequest] }));
  for (const answer of await Promise.all(calls)) {
    expect(fromBinary(DictGetResponseSchema, answer.messages[0]!)).toMatchObject({ found: true });
  }
});

test("pings are answered, also when no call is open", async () => {
  for (let index = 0; index < 50; index++) {
    await new Promise<void>((resolve, reject) => {
      client.session.ping((error) => (error === null ? resolve() : reject(error)));
    });
  }
  expect((await len()).status).toBe(Status.OK);
});
