import { type Method, methodRule, type RequestTypes } from "@everdict/protocol";
import { bytes } from "./subject-helpers.ts";

/** What a request is about. */
export interface SamplePlace {
  readonly dictId: string;
  readonly environment: string;
  /** Of a dictionary. */
  readonly name: string;
}

type Arguments = (place: SamplePlace, key: Uint8Array) => unknown[];

/** By what the request of a method holds, so that a new method of a kind that exists needs nothing here. */
const byRequest: { readonly [Kind in keyof RequestTypes]: Arguments } = {
  nothing: ({ dictId }) => [dictId],
  key: ({ dictId }, key) => [dictId, key],
  entry: ({ dictId }, key) => [dictId, key, bytes("value")],
  entries: ({ dictId }, key) => [dictId, [{ key, value: bytes("value") }]],
  commit: ({ dictId }, key) => [
    dictId,
    {
      conditions: [{ key, expected: "absent" }],
      changes: [{ kind: "put", key, value: bytes("value") }],
    },
  ],
  keys: ({ dictId }, key) => [dictId, [key]],
  page: ({ dictId }) => [dictId, { limit: 10, values: true }],
  dictChange: ({ dictId }) => [dictId, { expiry: { policy: "never" } }],
  parts: ({ dictId }) => [dictId, { keys: true, values: true }],
  dictCreation: ({ environment, name }) => [{ environment, name, mode: "createIfMissing" }],
  dictPage: ({ environment }) => [{ environment, maxObjects: 0 }],
  environmentCreation: () => ["another", "createIfMissing"],
  environmentChange: ({ environment }) => [{ currentName: environment, webSuffix: "x" }],
  name: ({ environment }) => [environment],
};

/** Arguments for a method, options apart; where it has modes, in the mode that needs the most. */
export function sampleArguments(method: Method, place: SamplePlace, key = bytes("k")): unknown[] {
  const { request, names } = methodRule(method);
  return names === "server" ? [] : byRequest[request](place, key);
}
