import { ConnectionMemory, MemoryAccount } from "@everdict/protocol";
import { ModalClient } from "@everdict/protocol/api";
import { Dicts } from "@everdict/protocol/dicts-api";
import { Tokens } from "@everdict/protocol/tokens";
import { expect, test } from "vitest";
import { fakeService } from "../../testing/fake-service.ts";
import { bindRpcs, rpcTable } from "./rpc-table.ts";

const memory = new ConnectionMemory(new MemoryAccount().token("t"));

const identity = { workspaceName: "home", describeToken: () => undefined, issueAuthToken: () => "" };
const binding = { identity, requestMaxEntries: 10_000, management: { audit: () => {} } };

test("every RPC of the service is in the table, once, with its kind", () => {
  const described = [ModalClient, Dicts, Tokens].flatMap(({ typeName, methods }) =>
    methods.map(({ name, methodKind }) => [
      `/${typeName}/${name}`,
      methodKind === "unary" ? "unary" : "serverStream",
    ]),
  );
  expect(rpcTable.map(({ path, kind }) => [path, kind]).sort()).toEqual(described.sort());
});

test("a caller's service is made once", async () => {
  let made = 0;
  const serviceFor = () => {
    made++;
    return fakeService({ len: async () => 1 });
  };
  const len = bindRpcs(rpcTable, { serviceFor, ...binding }).get("/modal.client.ModalClient/DictLen");
  if (len?.kind !== "unary") throw new Error("not unary");
  const [ada, bob] = [
    { id: "1", name: "ada" },
    { id: "2", name: "bob" },
  ];
  for (const caller of [ada, ada, bob, ada])
    await len.answer({ caller, options: {}, memory, message: new Uint8Array(0) });
  expect(made).toBe(2);
});

test("a request that is no protobuf message is the client's mistake", () => {
  const get = bindRpcs(rpcTable, { serviceFor: () => fakeService({}), ...binding }).get(
    "/modal.client.ModalClient/DictGet",
  );
  if (get?.kind !== "unary") throw new Error("not unary");
  const caller = { id: "1", name: "ada" };
  for (const message of [[0x0a, 0x05, 1], [0xff], [0x0f, 1, 2]]) {
    const ask = () => get.answer({ caller, options: {}, memory, message: Uint8Array.from(message) });
    expect(ask).toThrow("DictGetRequest");
  }
});

test("fields that nobody knows are ignored", async () => {
  const service = fakeService({ len: async () => 3 });
  const len = bindRpcs(rpcTable, { serviceFor: () => service, ...binding }).get(
    "/modal.client.ModalClient/DictLen",
  );
  if (len?.kind !== "unary") throw new Error("not unary");
  // dict_id, then fields 2 (varint), 1000 (bytes), 3 (64 bit) and 4 (32 bit).
  const known = [0x0a, 1, 0x78];
  const unknown = [0x10, 3, 0xc2, 0x3e, 2, 1, 2, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4];
  const request = {
    caller: { id: "1", name: "ada" },
    options: {},
    memory,
    message: Uint8Array.from([...known, ...unknown]),
  };
  expect([...((await len.answer(request)) as Uint8Array)]).toEqual([0x08, 3]);
});
