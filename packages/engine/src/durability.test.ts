import type { Durability } from "@everdict/protocol";
import { expect, test } from "vitest";
import { attainableDurability } from "./durability.ts";

test.each<[Durability, Durability, Durability]>([
  ["sync", "sync", "sync"],
  ["everysec", "sync", "everysec"],
  ["memory", "sync", "memory"],
  ["sync", "everysec", "everysec"],
  ["sync", "memory", "memory"],
  ["memory", "everysec", "memory"],
])("%s on a store that can do %s is %s", (asked, most, expected) => {
  expect(attainableDurability(asked, most)).toBe(expected);
});

test("what is not known is refused", () => {
  expect(() => attainableDurability("always" as Durability, "sync")).toThrow(
    expect.objectContaining({ code: "invalid_argument" }),
  );
});
