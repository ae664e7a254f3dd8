import assert from "node:assert/strict";
import { type DictService, type Method, methodRule, methods } from "@everdict/protocol";
import { sampleArguments } from "./sample-arguments.ts";
import { bytes, collect, dictWith, entry, rejectsWith } from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

type Operation = (service: DictService, dictId: string) => Promise<unknown>;

/** Calls a method, and reads a stream to its end. */
function callOf(method: Method): Operation {
  if (method === "contents") return (service, dictId) => collect(service, dictId);
  return (service, dictId) => {
    const place = { dictId, environment: "", name: "" };
    const call = service[method] as (...all: unknown[]) => Promise<unknown>;
    return call.apply(service, sampleArguments(method, place, bytes("a")));
  };
}

/** Every operation that takes a dictionary id. */
const operations: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(
    methods.filter((method) => methodRule(method).names === "dict").map((method) => [method, callOf(method)]),
  ),
  "update of nothing": (service, dictId) => service.update(dictId, []),
  "pop with an idempotency key": (service, dictId) =>
    service.pop(dictId, bytes("a"), { idempotencyKey: "repeat" }),
};

const unknownIds: readonly string[] = [
  `di-${"0".repeat(22)}`,
  "di-nonexistent",
  "di-",
  "",
  "nonsense",
  `en-${"0".repeat(22)}`,
  `di-${"0".repeat(23)}`,
  `di-${"-".repeat(22)}`,
  `di-${"0".repeat(21)}\n`,
  `di-${"x".repeat(100_000)}`,
];

/** What an id that is unknown, malformed or of a deleted dictionary leads to. */
export const absenceCases: readonly SuiteCase[] = [
  ...Object.entries(operations).map(
    ([title, call]): SuiteCase => ({
      title: `${title} is dict_not_found for a deleted dictionary and for every unknown or malformed id`,
      async run({ service }) {
        const dictId = await dictWith(service, entry("a", "1"));
        await service.deleteDict(dictId);
        for (const id of [dictId, ...unknownIds]) {
          await rejectsWith("dict_not_found", () => call(service, id), /^Dict '.*not found$/s);
        }
      },
    }),
  ),
  {
    title: "a deleted dictionary is out of reach of answers kept for repeats",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const options = { idempotencyKey: "repeat" };
      assert.equal((await service.pop(dictId, bytes("a"), options))?.length, 1);
      await service.deleteDict(dictId);
      await rejectsWith("dict_not_found", () => service.pop(dictId, bytes("a"), options));
    },
  },
  {
    title: "an empty environment stays empty after all that was refused in it",
    async run({ service }) {
      for (const call of Object.values(operations)) {
        await rejectsWith("dict_not_found", () => call(service, unknownIds[0]!));
      }
      assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), []);
    },
  },
];
