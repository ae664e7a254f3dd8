// The RPCs of our own, over a fake service: what each passes on, and what it answers.
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  bulkAnswerBytes,
  type CommitOutcome,
  ConnectionMemory,
  type DictInfo,
  type DictService,
  MemoryAccount,
  sliceItems,
} from "@everdict/protocol";
import {
  CommitRequestSchema,
  CommitResponseSchema,
  ConfigureRequestSchema,
  ContentsRequestSchema,
  ContentsResponseSchema,
  Dicts,
  GetEntryResponseSchema,
  GetManyResponseSchema,
  GetPageResponseSchema,
  GetStatsResponseSchema,
  Refused_Reason,
  UpdateRequestSchema,
} from "@everdict/protocol/dicts-api";
import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { wholeMessage } from "../../testing/ask-rpc.ts";
import { fakeService, type RecordedCall } from "../../testing/fake-service.ts";
import { testCaller } from "../../testing/test-server.ts";
import type { GrpcMessage } from "../grpc/grpc-method.ts";
import { bindRpcs, rpcTable } from "./rpc-table.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const version = "0102030405060708";
const versionBytes = bytes(1, 2, 3, 4, 5, 6, 7, 8);
const large = new Uint8Array(40_000).fill(9);
const info: DictInfo = {
  dictId: "di-1",
  name: "jobs",
  createdAtSeconds: 1.5,
  createdBy: "ada",
  expiry: { policy: "afterUse", ttlMs: 5000 },
  durability: "sync",
};

/** Asks an RPC by name. The calls that the service received are behind the answer. */
function ask(
  name: keyof typeof Dicts.method,
  message: Uint8Array,
  service: Partial<DictService>,
  memory = new ConnectionMemory(new MemoryAccount().token("t")),
  requestMaxEntries = 10,
) {
  const calls: RecordedCall[] = [];
  const methods = bindRpcs(rpcTable, {
    serviceFor: () => fakeService(service, calls),
    identity: { workspaceName: "home", describeToken: () => undefined, issueAuthToken: () => "" },
    requestMaxEntries,
    management: { audit: () => {} },
  });
  const method = methods.get(`/everdict.v1.Dicts/${Dicts.method[name].name}`)!;
  const answer = method.answer({
    caller: testCaller,
    options: { idempotencyKey: "key-1", room: memory },
    message,
    memory,
  });
  return { answer, calls };
}

async function unary(...asked: Parameters<typeof ask>) {
  const { answer, calls } = ask(...asked);
  const message = (await answer) as GrpcMessage;
  return { message, whole: new Uint8Array(wholeMessage(message)), calls };
}

const commitOf = (request: MessageInitShape<typeof CommitRequestSchema>) =>
  toBinary(CommitRequestSchema, create(CommitRequestSchema, request));

test("a request of many entries is served in a turn after the one that reads it, and answered in another", async () => {
  const changes = Array.from({ length: sliceItems + 1 }, (_, index) => ({
    key: bytes(index >> 8, index),
    change: { case: "remove", value: {} } as const,
  }));
  const results = changes.map(() => ({ version }));
  const answers: (() => void)[] = [];
  const commit = () =>
    new Promise<CommitOutcome>((resolve) => {
      answers.push(() => resolve({ committed: true, results }));
    });
  const { answer } = ask(
    "commit",
    commitOf({ dictId: "di-1", changes }),
    { commit },
    undefined,
    changes.length,
  );
  const done = (answer as Promise<GrpcMessage>).then((message) => wholeMessage(message));
  let isDone = false;
  void done.then(() => {
    isDone = true;
  });
  await microtasks();
  expect(answers).toHaveLength(0);
  await turns();
  expect(answers).toHaveLength(1);
  answers[0]!();
  await microtasks();
  expect(isDone).toBe(false);
  const { outcome } = fromBinary(CommitResponseSchema, new Uint8Array(await done));
  expect(outcome).toMatchObject({ case: "committed", value: { results: { length: sliceItems + 1 } } });
});

/** As many as a chain of promises takes. */
async function microtasks(): Promise<void> {
  for (let count = 0; count < 50; count++) await Promise.resolve();
}

describe("Commit", () => {
  const outcome: CommitOutcome = {
    committed: true,
    results: [{ version, value: bytes(7) }, { version: undefined }],
  };

  test("passes on conditions and changes of every kind, under the key of the call", async () => {
    const message = commitOf({
      dictId: "di-1",
      conditions: [
        { key: bytes(1), expected: { case: "absent", value: true } },
        { key: bytes(2), expected: { case: "present", value: true } },
        { key: bytes(3), expected: { case: "version", value: versionBytes } },
      ],
      changes: [
        {
          key: bytes(1),
          change: { case: "put", value: { value: bytes(5), ttl: { end: { case: "ttlMs", value: 9 } } } },
        },
        { key: bytes(2), change: { case: "remove", value: {} } },
        {
          key: bytes(3),
          change: {
            case: "add",
            value: { by: bytes(6), max: bytes(8), ttlOnCreate: { end: { case: "never", value: true } } },
          },
        },
        { key: bytes(4), change: { case: "touch", value: {} } },
      ],
    });
    const { whole, calls } = await unary("commit", message, { commit: async () => outcome });
    const [dictId, request] = calls[0]!.args;
    expect(dictId).toBe("di-1");
    expect(request).toEqual({
      conditions: [
        { key: bytes(1), expected: "absent" },
        { key: bytes(2), expected: "present" },
        { key: bytes(3), expected: version },
      ],
      changes: [
        { kind: "put", key: bytes(1), value: bytes(5), ttlMs: 9 },
        { kind: "remove", key: bytes(2) },
        {
          kind: "add",
          key: bytes(3),
          by: bytes(6),
          initial: undefined,
          min: undefined,
          max: bytes(8),
          ttlOnCreateMs: null,
        },
        { kind: "touch", key: bytes(4), ttlMs: undefined },
      ],
    });
    expect(calls[0]!.options).toMatchObject({ idempotencyKey: "key-1", bytesAreGiven: true });
    const answer = fromBinary(CommitResponseSchema, whole).outcome;
    expect(answer).toMatchObject({
      case: "committed",
      value: { results: [{ version: versionBytes, value: bytes(7) }, {}] },
    });
    expect((answer.value as { results: object[] }).results[1]).not.toHaveProperty("version");
  });

  test.each([
    ["condition", Refused_Reason.CONDITION],
    ["not_a_number", Refused_Reason.NOT_A_NUMBER],
    ["out_of_bounds", Refused_Reason.OUT_OF_BOUNDS],
  ] as const)("that is refused for %s says what was found there", async (reason, number) => {
    const refused: CommitOutcome = { committed: false, reason, index: 3, found: version };
    const { whole } = await unary("commit", commitOf({}), { commit: async () => refused });
    expect(fromBinary(CommitResponseSchema, whole).outcome).toMatchObject({
      case: "refused",
      value: { reason: number, index: 3, foundVersion: versionBytes },
    });
  });

  const key = bytes(1);
  test.each<[string, MessageInitShape<typeof CommitRequestSchema>, string]>([
    ["a condition that expects nothing", { conditions: [{ key }] }, "conditions[0] expects nothing"],
    ["a change that changes nothing", { changes: [{ key }] }, "changes[0] changes nothing"],
    [
      "`absent: false`",
      { conditions: [{ key, expected: { case: "absent", value: false } }] },
      "absent is false",
    ],
    [
      "a version of 7 bytes",
      { conditions: [{ key, expected: { case: "version", value: bytes(1, 2, 3, 4, 5, 6, 7) } }] },
      "7 bytes",
    ],
    [
      "`never: false`",
      {
        changes: [
          { key, change: { case: "touch", value: { ttl: { end: { case: "never", value: false } } } } },
        ],
      },
      "never is false",
    ],
  ])("refuses %s before the service is asked", async (_, request, message) => {
    const error = { code: "invalid_argument", message: expect.stringContaining(message) };
    await expect(unary("commit", commitOf(request), {})).rejects.toMatchObject(error);
  });

  test("may have as many conditions as changes, and no more than there may be of both", async () => {
    const key = bytes(1);
    const many = (count: number) =>
      commitOf({
        conditions: Array.from({ length: 10 }, () => ({
          key: new Uint8Array(100),
          expected: { case: "present", value: true } as const,
        })),
        changes: Array.from({ length: count }, () => ({
          key,
          change: { case: "remove", value: {} } as const,
        })),
      });
    const { calls } = await unary("commit", many(10), { commit: async () => outcome });
    expect(calls).toHaveLength(1);
    await expect(async () => unary("commit", many(11), {})).rejects.toMatchObject({
      code: "too_many_entries",
    });
  });
});

describe("the other calls", () => {
  test("Update passes on times to live", async () => {
    const message = toBinary(
      UpdateRequestSchema,
      create(UpdateRequestSchema, {
        dictId: "di-1",
        entries: [
          { key: bytes(1), value: bytes(2) },
          { key: bytes(3), ttl: { end: { case: "never", value: true } } },
        ],
      }),
    );
    const { calls } = await unary("update", message, { update: async () => {} });
    expect(calls[0]!.args[1]).toEqual([
      { key: bytes(1), value: bytes(2), ttlMs: undefined },
      { key: bytes(3), value: bytes(), ttlMs: null },
    ]);
  });

  test.each([
    ["small", bytes(1, 2)],
    ["empty", bytes()],
    ["large", large],
  ])("GetEntry answers a %s value", async (_, value) => {
    const entry = async () => ({ value, version, expiresAtMs: 1000 });
    const { whole, message } = await unary("getEntry", bytes(), { entry });
    expect(fromBinary(GetEntryResponseSchema, whole).entry).toMatchObject({
      value,
      version: versionBytes,
      expiresAtMs: 1000,
    });
    if (value === large) expect((message as Uint8Array[]).at(-1)).toBe(large);
  });

  test("GetEntry answers that there is none, and that one never ends", async () => {
    const none = await unary("getEntry", bytes(), { entry: async () => undefined });
    expect(fromBinary(GetEntryResponseSchema, none.whole).entry).toBeUndefined();
    const entry = async () => ({ value: bytes(1), version, expiresAtMs: undefined });
    const { whole } = await unary("getEntry", bytes(), { entry });
    expect(fromBinary(GetEntryResponseSchema, whole).entry).not.toHaveProperty("expiresAtMs", 0);
  });

  test("GetMany answers values in their order, and copies no large one", async () => {
    const values = [undefined, bytes(1), large, bytes(), undefined, large];
    const { whole, message } = await unary("getMany", bytes(), { getMany: async () => values });
    expect((message as Uint8Array[]).filter((piece) => piece === large)).toHaveLength(2);
    const read = fromBinary(GetManyResponseSchema, whole).values;
    expect(read.map((each) => ("value" in each ? each.value : undefined))).toEqual(values);
  });

  test("GetMany and GetPage ask for values only when there is room for as many as they may have", async () => {
    const memory = new ConnectionMemory(new MemoryAccount().token("t"));
    const finish: (() => void)[] = [];
    const asked = <T>(answer: T) =>
      new Promise<T>((resolve) => {
        finish.push(() => resolve(answer));
      });
    const service = {
      getMany: () => asked([]),
      page: () => asked({ entries: [], next: undefined }),
    };
    const answers = Array.from({ length: 10 }, (_, index) =>
      unary(index % 2 === 0 ? "getMany" : "getPage", bytes(), service, memory),
    );
    await turns();
    expect(finish).toHaveLength(4);
    expect(memory.outgoingBytes).toBe(4 * bulkAnswerBytes);
    for (let next = 0; next < 10; next++) {
      finish[next]!();
      await turns();
    }
    await Promise.all(answers);
    expect(memory.outgoingBytes).toBe(0);
  });

  test("GetPage answers entries and where the next page begins", async () => {
    const entries = [
      { key: bytes(1), value: bytes(2) },
      { key: bytes(3), value: large },
      { key: bytes(4), value: bytes() },
    ];
    const page = async () => ({ entries, next: bytes(5) });
    const { whole } = await unary("getPage", bytes(), { page });
    expect(fromBinary(GetPageResponseSchema, whole)).toMatchObject({ entries, next: bytes(5) });
    const last = await unary("getPage", bytes(), { page: async () => ({ entries: [], next: undefined }) });
    expect(last.whole).toHaveLength(0);
  });

  test("Contents answers messages of many entries, and passes on patterns", async () => {
    const parts = [{ offset: 2, bytes: bytes(7) }];
    const request = create(ContentsRequestSchema, {
      dictId: "di-1",
      keys: true,
      values: true,
      match: [{ parts }],
    });
    const entries = [
      { key: bytes(1), value: bytes(2) },
      { key: bytes(3), value: large },
      { key: bytes(4), value: bytes(5) },
    ];
    const contents = async function* () {
      yield entries;
    };
    const { answer, calls } = ask("contents", toBinary(ContentsRequestSchema, request), { contents });
    const body = [];
    for await (const piece of answer as AsyncIterable<Uint8Array>) body.push(piece);
    expect(body).toContain(large);
    expect(
      messagesOf(Buffer.concat(body)).flatMap(
        (message) => fromBinary(ContentsResponseSchema, message).entries,
      ),
    ).toMatchObject(entries);
    expect(calls[0]!.args).toMatchObject(["di-1", { keys: true, values: true, match: [parts] }]);
  });

  test("GetStats leaves out what the store does not know", async () => {
    const { whole } = await unary("getStats", bytes(), {
      stats: async () => ({ entries: 3, bytes: undefined }),
    });
    expect(fromBinary(GetStatsResponseSchema, whole)).not.toHaveProperty("bytes");
    const known = await unary("getStats", bytes(), { stats: async () => ({ entries: 3, bytes: 2 ** 40 }) });
    expect(fromBinary(GetStatsResponseSchema, known.whole)).toMatchObject({ entries: 3, bytes: 2 ** 40 });
  });

  const configure = (change: MessageInitShape<typeof ConfigureRequestSchema>) =>
    toBinary(ConfigureRequestSchema, create(ConfigureRequestSchema, { dictId: "di-1", ...change }));

  test("Configure passes on what is there, and answers what the dictionary has", async () => {
    const asked = configure({ expiry: { policy: "never" }, durability: "everysec" });
    const { whole, calls } = await unary("configure", asked, { configureDict: async () => info });
    expect(calls[0]!.args).toEqual(["di-1", { expiry: { policy: "never" }, durability: "everysec" }]);
    expect(fromBinary(Dicts.method.configure.output, whole)).toMatchObject({
      ...info,
      expiry: { policy: "afterUse", ttlMs: 5000 },
    });
  });

  test.each([
    [{ expiry: { policy: "sometimes" } }, "expiry.policy"],
    [{ durability: "perhaps" }, "durability"],
  ])("Configure refuses %o", async (change, message) => {
    const error = { code: "invalid_argument", message: expect.stringContaining(message) };
    await expect(unary("configure", configure(change), {})).rejects.toMatchObject(error);
  });
});

/** The messages of a body, without their frames. */
function messagesOf(body: Buffer): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    messages.push(new Uint8Array(body.subarray(at + 5, end)));
    at = end;
  }
  return messages;
}
