import { expect, test } from "vitest";
import {
  decodeDictEntry,
  decodeEnvironmentEntry,
  decodeNumberEntry,
  dictEntry,
  environmentEntry,
  sweptUpToEntry,
} from "./catalog.ts";

const record = { id: "en-1", name: "main", webSuffix: "", createdAtSeconds: 1 };
const dict = {
  record: {
    ...{ id: "di-1", environmentId: "en-1", name: "jobs", createdAtSeconds: 1, createdBy: "" },
    expiry: { policy: "never" },
  },
  number: 2,
} as const;

test("what was written is read", () => {
  expect(decodeEnvironmentEntry(environmentEntry({ record }).value)).toEqual({ record });
  expect(decodeDictEntry(dictEntry(dict).value)).toEqual(dict);
  expect(decodeNumberEntry(sweptUpToEntry(5).value)).toBe(5);
});

test.each([
  "",
  "{",
  "null",
  "[]",
  '"text"',
  "{}",
  '{"record":null}',
  '{"record":{"id":1,"name":"main"}}',
  '{"record":{"id":"di-1","environmentId":"en-1","name":"jobs"},"number":"2"}',
])("an entry that says %j is data_loss", (text) => {
  for (const decode of [decodeDictEntry, decodeNumberEntry]) {
    expect(() => decode(Buffer.from(text))).toThrow(expect.objectContaining({ code: "data_loss" }));
  }
});

test("an environment without a name is data_loss", () => {
  const unnamed = Buffer.from('{"record":{"id":"en-1"}}');
  expect(() => decodeEnvironmentEntry(unnamed)).toThrow(expect.objectContaining({ code: "data_loss" }));
});
