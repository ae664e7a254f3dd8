import { Client, Dict } from "everdict";
import { expect } from "vitest";
import type { CaseContext, InteropCase } from "../interop-case.ts";

/** Names, sizes and unreadable values: what is refused, and as which exception. */
export const limitCases: readonly InteropCase[] = [
  {
    name: "a name of 64 characters of every allowed kind works",
    python: `
longest = ("Aa0-_." + name + "x" * 64)[:64]
modal.Dict.from_name(longest, create_if_missing=True)["a"] = 1
len(longest)`,
    result: "64",
    typescript: async ({ client, name }) => {
      const longest = `Aa0-_.${name}${"x".repeat(64)}`.slice(0, 64);
      expect(await Dict.fromName(longest, { client }).get("a")).toBe(1);
    },
  },
  ...["n".repeat(65), "", "two words", "a/b", "ü", "ap-0123456789abcdefghijkl"].map(
    (badName): InteropCase => ({
      name: `the dict name ${JSON.stringify(badName)} is refused`,
      python: `modal.Dict.from_name(${JSON.stringify(badName)}, create_if_missing=True)`,
      raises: "InvalidError",
      message: /^Invalid Dict name/,
      typescript: async ({ client }) => {
        const create = async () => Dict.fromName(badName, { client, createIfMissing: true }).len();
        await expect(create()).rejects.toMatchObject({ name: "InvalidError", code: "invalid_name" });
      },
    }),
  ),
  {
    name: "a name with a trailing newline, which Python lets through, is refused by the server",
    python: `modal.Dict.from_name(name + "\\n", create_if_missing=True).len()`,
    raises: { newest: "InvalidError", "v1.0": "GRPCError", "v0.74": "GRPCError" },
    message: /Invalid Dict name/,
    typescript: async ({ client, name }) => {
      const create = async () => Dict.fromName(`${name}\n`, { client, createIfMissing: true }).len();
      await expect(create()).rejects.toMatchObject({ code: "invalid_name" });
    },
  },
  {
    name: "a bad environment name is refused",
    from: "v1.0",
    python: `modal.environments.create_environment("bad name")`,
    raises: { newest: "InvalidError", "v1.0": "GRPCError" },
    typescript: async ({ client, name }) => {
      const side = Dict.fromName(name, { client, environment: "bad name", createIfMissing: true });
      await expect(side.len()).rejects.toMatchObject({ code: "environment_not_found" });
    },
  },
  {
    name: "an update of 10,000 entries works",
    python: `
d.update({n: str(n) for n in range(10_000)})
d.len()`,
    result: "10000",
    typescript: async ({ dict }) => {
      expect(await dict.len()).toBe(10_000);
      expect([await dict.get(0), await dict.get(9_999)]).toEqual(["0", "9999"]);
    },
  },
  {
    name: "an update of 10,001 entries raises RequestSizeError and changes nothing",
    given: [["a", 1]],
    python: `d.update({n: str(n) for n in range(10_001)})`,
    raises: "RequestSizeError",
    holds: [["a", 1]],
    typescript: async ({ dict }) => {
      // TypeScript's own client splits a larger update instead.
      await dict.update(Array.from({ length: 10_001 }, (_, index) => [index, index] as const));
      expect(await dict.len()).toBe(10_002);
    },
  },
  {
    name: "a key of 256 KiB works and a longer one raises RequestSizeError",
    python: `
d["k" * (256 * 1024 - 9)] = 1
d.put("k" * (256 * 1024 - 8), 2)`,
    raises: "RequestSizeError",
    typescript: async ({ dict }) => {
      expect(await dict.len()).toBe(1);
      expect(await dict.get("k".repeat(256 * 1024 - 9))).toBe(1);
      await expect(dict.put("k".repeat(256 * 1024 - 8), 2)).rejects.toMatchObject({
        name: "RequestSizeError",
      });
    },
  },
  {
    name: "one entry over a limit makes the whole update fail",
    python: `d.update({"fine": 1, "k" * (256 * 1024): 2, "also fine": 3})`,
    raises: "RequestSizeError",
    holds: [],
  },
  {
    name: "a wrong secret raises AuthError",
    from: "newest",
    python: `
import os
stranger = modal.Client.from_credentials(os.environ["MODAL_TOKEN_ID"], "as-wrong")
modal.Dict.from_name(name, client=stranger).len()`,
    raises: "AuthError",
    message: /token/,
    typescript: expectStrangerRefused,
  },
  {
    name: "a wrong secret is refused as UNAUTHENTICATED",
    until: "v1.0",
    python: `
import os
stranger = modal.Client.from_credentials(os.environ["MODAL_TOKEN_ID"], "as-wrong")
modal.Dict.lookup(name, client=stranger)`,
    raises: "GRPCError",
    message: /UNAUTHENTICATED.*token/,
    typescript: expectStrangerRefused,
  },
  {
    name: "an unknown token raises AuthError, also where a dict is only listed or iterated",
    from: "newest",
    given: [["a", 1]],
    python: `
stranger = modal.Client.from_credentials("ak-unknown", "as-unknown")
try: modal.Dict.objects.list(client=stranger)
except modal.exception.AuthError: pass
list(modal.Dict.from_name(name, client=stranger).items())`,
    raises: "AuthError",
    holds: [["a", 1]],
  },
  {
    name: "an unhashable key never reaches the server",
    python: `d[["a"]] = 1`,
    raises: "TypeError",
    holds: [],
  },
  {
    name: "a value that Python cannot read is an error that names the key, and TypeScript reads the rest",
    from: "newest",
    given: [["good", 1]],
    python: `
from modal_proto import api_pb2
from modal._serialization import serialize
from modal._utils.async_utils import synchronizer
entry = api_pb2.DictEntry(key=serialize("bad"), value=b"\\x80\\x04not a pickle")
request = api_pb2.DictUpdateRequest(dict_id=d.hydrate().object_id, updates=[entry])
async def store_bad():
    await (await modal.client._Client.from_env())._stub.DictUpdate(request)
synchronizer.create_blocking(store_bad)()
d["bad"]`,
    raises: "DeserializationError",
    message: /for key 'bad' from Dict/,
    typescript: async ({ dict }) => {
      await expect(dict.get("bad")).rejects.toMatchObject({ name: "DeserializationError" });
      expect(await dict.get("good")).toBe(1);
      expect(await dict.contains("bad")).toBe(true);
    },
  },
];

async function expectStrangerRefused({ connection, name }: CaseContext): Promise<void> {
  await using stranger = Client.connect({ ...connection, tokenSecret: "as-wrong" });
  await expect(Dict.fromName(name, { client: stranger }).len()).rejects.toMatchObject({
    name: "AuthError",
    code: "unauthenticated",
  });
}
