// The transport against a scripted server on @grpc/grpc-js: what goes over the wire, call by call.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DictService } from "@everdict/protocol";
import {
  AuthTokenGetResponseSchema,
  DictEntrySchema,
  DictGetRequestSchema,
  DictGetResponseSchema,
  RPCRetryPolicySchema,
  RPCStatusSchema,
} from "@everdict/protocol/api";
import {
  Metadata as GrpcMetadata,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { parseServerUrl } from "../connection/server-address.ts";
import { connectGrpc } from "./connect-grpc.ts";
import { GrpcChannel } from "./grpc-channel.ts";
import { GrpcDictService } from "./grpc-dict-service.ts";
import { GrpcTransport, type GrpcTransportOptions } from "./grpc-transport.ts";
import { systemClock } from "./system-clock.ts";

type Bytes = Buffer;
type Unary = (call: ServerUnaryCall<Bytes, Bytes>) => Bytes | Promise<Bytes>;
type Stream = (call: ServerWritableStream<Bytes, Bytes>) => void;

const credentials = { tokenId: "ak-1", tokenSecret: "as-1" };
const key = Uint8Array.of(1);
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What a scripted method throws to fail a call. */
function failure(code: number, details: string, trailers: Record<string, string | Buffer> = {}) {
  const metadata = new GrpcMetadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

async function listen(unary: Record<string, Unary>, streams: Record<string, Stream> = {}, port = 0) {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const seen: { method: string; metadata: Metadata; deadline: unknown }[] = [];
  const pass = (bytes: Bytes) => bytes;
  const definition = (name: string, responseStream: boolean) => ({
    path: `/modal.client.ModalClient/${name}`,
    requestStream: false as const,
    responseStream,
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  });
  // A server must offer something.
  const names = [...Object.keys(unary), ...Object.keys(streams), "Nothing"];
  const definitions = Object.fromEntries(names.map((name) => [name, definition(name, name in streams)]));
  const handlers = {
    ...Object.fromEntries(
      Object.entries(unary).map(([method, answer]) => [
        method,
        async (call: ServerUnaryCall<Bytes, Bytes>, done: (error: unknown, answer?: Bytes) => void) => {
          seen.push({ method, metadata: call.metadata, deadline: call.getDeadline() });
          try {
            done(null, await answer(call));
          } catch (error) {
            done(error);
          }
        },
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(streams).map(([method, answer]) => [
        method,
        (call: ServerWritableStream<Bytes, Bytes>) => {
          seen.push({ method, metadata: call.metadata, deadline: call.getDeadline() });
          answer(call);
        },
      ]),
    ),
  };
  server.addService(definitions, handlers as never);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, number) =>
      error ? reject(error) : resolve(number),
    ),
  );
  cleanups.push(() => server.forceShutdown());
  return { server, seen, port: bound, address: parseServerUrl(`http://127.0.0.1:${bound}`, "test").address };
}

type Listening = Awaited<ReturnType<typeof listen>>;

function connect(
  { address }: Pick<Listening, "address">,
  options: Partial<GrpcTransportOptions> = {},
): DictService {
  const transport = new GrpcTransport({
    openChannel: async () => new GrpcChannel(address),
    credentials,
    needsAuthToken: false,
    timeoutMs: 10_000,
    maxThrottleWaitMs: undefined,
    clock: systemClock,
    ...options,
  });
  cleanups.push(() => transport.close());
  return new GrpcDictService(transport);
}

const found = (value: Uint8Array<ArrayBuffer> = Uint8Array.of(7)) =>
  Buffer.from(toBinary(DictGetResponseSchema, create(DictGetResponseSchema, { found: true, value })));
const header = (call: { metadata: Metadata }, name: string) => call.metadata.get(name)[0];

/** Answers with each outcome in turn; an error fails the call. */
function inTurn(...outcomes: (Error | Buffer)[]): Unary {
  let next = 0;
  return () => {
    const outcome = outcomes[Math.min(next++, outcomes.length - 1)]!;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
}

describe("headers", () => {
  test("say who calls and as what", async () => {
    const server = await listen({ DictGet: inTurn(found()) });
    await connect(server).get("di-1", key);
    const call = server.seen[0]!;
    expect(header(call, "x-modal-client-type")).toBe("8");
    expect(header(call, "x-modal-client-version")).toMatch(/^\d+\.\d+\.\d+$/);
    expect(header(call, "x-modal-libmodal-version")).toBe(`everdict/${manifest.version}`);
    expect(header(call, "x-modal-token-id")).toBe("ak-1");
    expect(header(call, "x-modal-token-secret")).toBe("as-1");
    expect(header(call, "x-retry-attempt")).toBe("0");
    expect(header(call, "x-idempotency-key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(header(call, "x-modal-auth-token")).toBeUndefined();
    expect(header(call, "user-agent")).toContain("everdict");
  });

  test("leave out credentials there are none of", async () => {
    const server = await listen({ DictGet: inTurn(found()) });
    await connect(server, { credentials: undefined }).get("di-1", key);
    expect(header(server.seen[0]!, "x-modal-token-id")).toBeUndefined();
  });
});

describe("repeating", () => {
  test("all attempts of a call carry one idempotency key, another call another", async () => {
    const server = await listen({
      DictGet: inTurn(failure(status.UNAVAILABLE, "a"), failure(status.INTERNAL, "b"), found()),
    });
    const service = connect(server);
    expect(await service.get("di-1", key)).toEqual(Uint8Array.of(7));
    await service.get("di-1", key);
    const keys = server.seen.map((call) => header(call, "x-idempotency-key"));
    expect([keys[0] === keys[1], keys[1] === keys[2], keys[2] === keys[3]]).toEqual([true, true, false]);
    expect(server.seen.map((call) => header(call, "x-retry-attempt"))).toEqual(["0", "1", "2", "0"]);
    expect(header(server.seen[2]!, "x-retry-delay")).toMatch(/^0\.[3-9]\d\d$/);
  });

  test("the caller's own idempotency key is used", async () => {
    const server = await listen({ DictGet: inTurn(found()) });
    await connect(server).get("di-1", key, { idempotencyKey: "mine" });
    expect(header(server.seen[0]!, "x-idempotency-key")).toBe("mine");
  });

  test("a wait that the server asks for is granted and not counted", async () => {
    const policy = toBinary(RPCRetryPolicySchema, create(RPCRetryPolicySchema, { retryAfterSecs: 0.12 }));
    const details = [{ typeUrl: "type.modal.com/modal.client.RPCRetryPolicy", value: policy }];
    const statusDetails = Buffer.from(
      toBinary(RPCStatusSchema, create(RPCStatusSchema, { code: 8, details })),
    );
    const wait = failure(status.RESOURCE_EXHAUSTED, "slow down", {
      "grpc-status-details-bin": statusDetails,
    });
    const server = await listen({ DictGet: inTurn(wait, wait, wait, wait, found()) });
    const startedMs = performance.now();
    await connect(server).get("di-1", key);
    expect(performance.now() - startedMs).toBeGreaterThan(4 * 110);
    expect(server.seen.map((call) => header(call, "x-throttle-retry-attempt"))).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
    ]);
    expect(server.seen.map((call) => header(call, "x-retry-attempt"))).toEqual(["0", "0", "0", "0", "0"]);
    await expect(
      connect(await listen({ DictGet: inTurn(wait) }), { maxThrottleWaitMs: 0 }).get("di-1", key),
    ).rejects.toMatchObject({ code: "overloaded", retryAfterMs: expect.closeTo(120, 3) });
  });

  test("a server that is not there is unavailable, soon; once it is there it is found", async () => {
    const gone = await listen({});
    gone.server.forceShutdown();
    const service = connect(gone);
    const startedMs = performance.now();
    await expect(service.get("di-1", key)).rejects.toMatchObject({ code: "unavailable" });
    expect(performance.now() - startedMs).toBeLessThan(3000);
    await listen({ DictGet: inTurn(found()) }, {}, gone.port);
    await expect
      .poll(
        () =>
          service.get("di-1", key).then(
            () => true,
            () => false,
          ),
        { timeout: 5000 },
      )
      .toBe(true);
  });
});

describe("errors", () => {
  test("the server's own code comes first", async () => {
    const refused = failure(status.RESOURCE_EXHAUSTED, "value is 9 bytes, limit is 8", {
      "x-everdict-code": "value_too_large",
    });
    const server = await listen({ DictGet: inTurn(refused) });
    const error = connect(server).get("di-1", key);
    await expect(error).rejects.toMatchObject({
      code: "value_too_large",
      message: "value is 9 bytes, limit is 8",
    });
    expect(server.seen).toHaveLength(1);
  });

  test("an RPC the server lacks is unimplemented", async () => {
    await expect(connect(await listen({})).len("di-1")).rejects.toMatchObject({ code: "unimplemented" });
  });
});

describe("bounds", () => {
  const silent: Unary = () => new Promise<Bytes>(() => {});

  test("a timeout travels as the deadline and ends the wait", async () => {
    const server = await listen({ DictGet: silent });
    const call = connect(server).get("di-1", key, { timeoutMs: 80 });
    await expect(call).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(server.seen).toHaveLength(1);
    expect(Number(server.seen[0]!.deadline) - Date.now()).toBeLessThanOrEqual(80);
  });

  test("a call without a timeout has the transport's", async () => {
    const server = await listen({ DictGet: silent });
    await expect(connect(server, { timeoutMs: 60 }).get("di-1", key)).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
  });

  test("a call whose time is up before it began does nothing", async () => {
    const server = await listen({ DictGet: inTurn(found()) });
    await expect(connect(server).get("di-1", key, { timeoutMs: 0 })).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    await expect(connect(server).get("di-1", key, { timeoutMs: Number.NaN })).rejects.toMatchObject({
      code: "invalid_argument",
    });
    await expect(
      connect(server).get("di-1", key, { signal: AbortSignal.abort("why") }),
    ).rejects.toMatchObject({ code: "cancelled", cause: "why" });
    expect(server.seen).toHaveLength(0);
  });

  test("waiting for a connection or for a token has the bounds of the call, too", async () => {
    const never = new Promise<never>(() => {});
    const unreachable = connect(await listen({}), { openChannel: () => never });
    const call = unreachable.get("di-1", key, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: "deadline_exceeded" });
    const server = await listen({ AuthTokenGet: silent });
    const waiting = connect(server, { needsAuthToken: true }).get("di-1", key, { timeoutMs: 50 });
    await expect(waiting).rejects.toMatchObject({ code: "deadline_exceeded" });
  });

  test("an answer that is no message is an internal error", async () => {
    const server = await listen({ DictGet: inTurn(Buffer.from([0xff, 0xff])) });
    await expect(connect(server).get("di-1", key)).rejects.toMatchObject({ code: "internal" });
  });

  test("the caller's signal ends the call, on the server too", async () => {
    let cancelled = false;
    const server = await listen({
      DictGet: (call) => {
        call.on("cancelled", () => {
          cancelled = true;
        });
        return silent(call);
      },
    });
    const controller = new AbortController();
    const call = connect(server).get("di-1", key, { signal: controller.signal });
    await expect.poll(() => server.seen.length).toBe(1);
    controller.abort("enough");
    await expect(call).rejects.toMatchObject({ code: "cancelled", cause: "enough" });
    await expect.poll(() => cancelled).toBe(true);
    expect(server.seen).toHaveLength(1);
  });

  test("the caller's signal ends a pause between attempts", async () => {
    const server = await listen({ DictGet: inTurn(failure(status.UNAVAILABLE, "no")) });
    const controller = new AbortController();
    const call = connect(server).get("di-1", key, { signal: controller.signal });
    await expect.poll(() => server.seen.length).toBe(3);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
  });

  test("messages of 20 MiB pass both ways", async () => {
    const big = new Uint8Array(20 * 1024 * 1024).fill(3);
    const server = await listen({
      DictGet: (call) => found(fromBinary(DictGetRequestSchema, call.request).key as Uint8Array<ArrayBuffer>),
    });
    const answer = await connect(server).get("di-1", big);
    expect(Buffer.from(answer!).equals(big)).toBe(true);
  });
});

describe("streams", () => {
  const entry = (n: number) =>
    Buffer.from(
      toBinary(
        DictEntrySchema,
        create(DictEntrySchema, { key: new Uint8Array(8).fill(n), value: new Uint8Array(1000) }),
      ),
    );
  const parts = { keys: true, values: true };

  async function readAll(service: DictService, options?: Parameters<DictService["contents"]>[2]) {
    const batches: number[] = [];
    for await (const batch of service.contents("di-1", parts, options)) batches.push(batch.length);
    return batches;
  }

  test("come in batches, without retry headers or a deadline", async () => {
    const server = await listen(
      {},
      {
        DictContents: (call) => {
          for (let n = 0; n < 5000; n += 1) call.write(entry(n));
          call.end();
        },
      },
    );
    const batches = await readAll(connect(server));
    expect(batches.reduce((sum, each) => sum + each, 0)).toBe(5000);
    expect(batches.length).toBeLessThan(4500);
    expect(header(server.seen[0]!, "x-idempotency-key")).toBeUndefined();
    expect(server.seen[0]!.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test("an error comes after the entries before it", async () => {
    const server = await listen(
      {},
      {
        DictContents: (call) => {
          call.write(entry(1));
          call.write(entry(2));
          call.emit("error", failure(status.NOT_FOUND, "Dict 'x' not found"));
        },
      },
    );
    let taken = 0;
    const reading = (async () => {
      for await (const batch of connect(server).contents("di-1", parts)) taken += batch.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: "dict_not_found" });
    expect(taken).toBe(2);
  });

  /** Writes as long as the consumer takes. */
  function endless() {
    const state = { written: 0, cancelled: false };
    const write: Stream = (call) => {
      call.on("cancelled", () => {
        state.cancelled = true;
      });
      const more = () => {
        while (!state.cancelled && state.written < 1_000_000) {
          state.written += 1;
          if (!call.write(entry(1))) {
            call.once("drain", more);
            return;
          }
        }
      };
      more();
    };
    return { state, write };
  }

  test("a consumer that stops early stops the server", async () => {
    const { state, write } = endless();
    const server = await listen({}, { DictContents: write });
    for await (const _batch of connect(server).contents("di-1", parts)) break;
    await expect.poll(() => state.cancelled).toBe(true);
  });

  test("a signal ends the stream", async () => {
    const { state, write } = endless();
    const server = await listen({}, { DictContents: write });
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _batch of connect(server).contents("di-1", parts, { signal: controller.signal }))
        controller.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
    await expect.poll(() => state.cancelled).toBe(true);
  });

  test("a timeout bounds the whole; without one, each wait is bounded", async () => {
    const silent: Stream = (call) => void call.write(entry(1));
    const server = await listen({}, { DictContents: silent });
    await expect(readAll(connect(server), { timeoutMs: 80 })).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    await expect(readAll(connect(server, { timeoutMs: 80 }))).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
  });
});

describe("the auth token", () => {
  const token = `h.${btoa(JSON.stringify({ exp: 9_999_999_999 }))}.s`;
  const issue = inTurn(
    Buffer.from(toBinary(AuthTokenGetResponseSchema, create(AuthTokenGetResponseSchema, { token }))),
  );
  const wanting: Unary = (call) => {
    if (call.metadata.get("x-modal-auth-token")[0] !== token)
      throw failure(status.UNAUTHENTICATED, "no auth token");
    return found();
  };
  const methods = ({ seen }: Listening) => seen.map((call) => call.method);

  test("is fetched once and sent with everything where the server is known to want it", async () => {
    const server = await listen({ DictGet: wanting, AuthTokenGet: issue });
    const service = connect(server, { needsAuthToken: true });
    await Promise.all([service.get("di-1", key), service.get("di-1", key)]);
    expect(methods(server)).toEqual(["AuthTokenGet", "DictGet", "DictGet"]);
    expect(header(server.seen[0]!, "x-modal-token-id")).toBe("ak-1");
  });

  test("is fetched elsewhere only once a call was refused without it", async () => {
    const server = await listen({ DictGet: wanting, AuthTokenGet: issue });
    const service = connect(server);
    await service.get("di-1", key);
    await service.get("di-1", key);
    expect(methods(server)).toEqual(["DictGet", "AuthTokenGet", "DictGet", "DictGet"]);
  });

  test("is not asked for where our server says that the token is wrong", async () => {
    const refused = failure(status.UNAUTHENTICATED, "unknown token", {
      "x-everdict-code": "unauthenticated",
    });
    const server = await listen({ DictGet: inTurn(refused), AuthTokenGet: issue });
    await expect(connect(server).get("di-1", key)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(methods(server)).toEqual(["DictGet"]);
  });

  test("that cannot be had leaves the first refusal", async () => {
    const server = await listen({ DictGet: inTurn(failure(status.UNAUTHENTICATED, "who are you")) });
    await expect(connect(server).get("di-1", key)).rejects.toMatchObject({
      code: "unauthenticated",
      message: "who are you",
    });
  });
});

describe("closing", () => {
  test("refuses later calls", async () => {
    const server = await listen({ DictGet: inTurn(found()) });
    const target = {
      kind: "server",
      addresses: [server.address],
      credentials,
      maxThrottleWaitMs: undefined,
    } as const;
    const { service, close } = connectGrpc(target, { timeoutMs: undefined });
    expect(await service.get("di-1", key)).toEqual(Uint8Array.of(7));
    await close();
    await expect(service.get("di-1", key)).rejects.toMatchObject({ code: "unavailable" });
  });
});
