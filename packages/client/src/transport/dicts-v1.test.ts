import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type DictService, matchesKey } from "@everdict/protocol";
import { CommitResponseSchema, Refused_Reason } from "@everdict/protocol/dicts-api";
import { describe, expect, test } from "vitest";
import { outcomeFrom, patternMessages, uint32 } from "./dicts-v1-messages.ts";
import { GrpcDictService } from "./grpc-dict-service.ts";
import type { GrpcTransport } from "./grpc-transport.ts";

const key = Uint8Array.of(1);
const entry = { key, value: key };
const match = [[{ offset: 0, bytes: key }]];

/** A service over a transport that sends nothing and answers with an empty message. */
function recordedService() {
  const sent: string[] = [];
  const transport = {
    unary: async ({ rpc }: { rpc: { name: string; parent: { typeName: string }; output: DescMessage } }) => {
      sent.push(`${rpc.parent.typeName}/${rpc.name}`);
      return create(rpc.output);
    },
    async *stream({ name, parent }: { name: string; parent: { typeName: string } }) {
      sent.push(`${parent.typeName}/${name}`);
      yield [];
    },
  };
  return { service: new GrpcDictService(transport as unknown as GrpcTransport), sent };
}

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** What goes beyond Modal's calls, and the RPC of ours that it is. */
const beyond: [string, (service: DictService) => Promise<unknown>][] = [
  ["GetEntry", (service) => service.entry("di-1", key)],
  ["GetMany", (service) => service.getMany("di-1", [key])],
  ["RemoveMany", (service) => service.removeMany("di-1", [key])],
  ["GetPage", (service) => service.page("di-1", { limit: 1, values: true })],
  ["GetStats", (service) => service.stats("di-1")],
  ["Configure", (service) => service.configureDict("di-1", { durability: "sync" })],
  ["Update", (service) => service.update("di-1", [entry, { ...entry, ttlMs: null }])],
  ["Contents", (service) => drained(service.contents("di-1", { keys: true, values: true, match }))],
];

describe("calls beyond Modal's", () => {
  test.each(beyond)("%s is one call of our own", async (rpc, call) => {
    const { service, sent } = recordedService();
    // An entry whose version is empty is no entry; what matters here is where the call went.
    await call(service).catch(() => {});
    expect(sent).toEqual([`everdict.v1.Dicts/${rpc}`]);
  });

  test("no patterns at all match nothing, although on the wire none are all keys", () => {
    const patterns = patternMessages([]) as { parts: { offset: number; bytes: Uint8Array }[] }[];
    expect(patterns).toHaveLength(1);
    for (const found of [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(1, 2)]) {
      expect(matchesKey([patterns[0]!.parts], found)).toBe(false);
    }
    expect(patternMessages(undefined)).toEqual([]);
  });

  test("a number that does not fit its field goes as one that the server refuses", () => {
    expect([7, -1, 1.5, Number.NaN, 2 ** 32].map((number) => uint32(number, 0))).toEqual([7, 0, 0, 0, 0]);
  });

  const outcomes: MessageInitShape<typeof CommitResponseSchema>[] = [
    {},
    { outcome: { case: "refused", value: { reason: Refused_Reason.UNSPECIFIED } } },
  ];
  test.each(outcomes)("a commit whose outcome is not told is no commit that was refused: %o", (outcome) => {
    expect(() => outcomeFrom(create(CommitResponseSchema, outcome))).toThrow("may have been applied");
  });
});
