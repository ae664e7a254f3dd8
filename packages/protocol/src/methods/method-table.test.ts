import { expect, test } from "vitest";
import { Dicts } from "../gen/everdict/v1/dicts_pb.ts";
import { ModalClient } from "../gen/modal/client/api_pb.ts";
import { methodRule, methods } from "./method-table.ts";

const rules = methods.map((method) => ({ method, ...methodRule(method) }));

test("every method has a type of frame of its own, among those of requests", () => {
  const types = rules.map(({ frame }) => frame);
  expect(new Set(types).size).toBe(types.length);
  for (const type of types) expect(type >= 0x10 && type < 0x80).toBe(true);
});

test("every RPC about dictionaries and environments is a method", () => {
  const named = new Set(rules.flatMap(({ rpcs }) => rpcs));
  const about = Object.keys(ModalClient.method).filter((name) => /^(dict|environment)[A-Z]/.test(name));
  expect([...named].sort()).toEqual([...about, ...Object.keys(Dicts.method)].sort());
});

test("what only reads can always be repeated", () => {
  for (const { method, needs, repeat } of rules) {
    if (needs === "read")
      expect([method, repeat]).toEqual([method, method === "contents" ? "untilDelivered" : "always"]);
  }
});
