import { expect, test } from "vitest";
import { hrefOf, parseRoute, type Route } from "./route.ts";

const routes: readonly Route[] = [
  { view: "dicts", environment: "" },
  { view: "dicts", environment: "main" },
  { view: "entries", environment: "main", dict: "a/b #?%&" },
  { view: "entry", environment: "", dict: "jobs", key: "gAQ_-A" },
];

test.each(routes)("$view is the same after it was written as an address", (route) => {
  expect(parseRoute(hrefOf(route))).toEqual(route);
});

test.each(["", "#", "#/", "#/nowhere", "#/%", "#/entries", "#/entry/main/jobs"])(
  "%j is the first page",
  (hash) => {
    expect(parseRoute(hash).view).toBe("dicts");
  },
);
