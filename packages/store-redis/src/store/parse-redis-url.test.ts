import { expect, test } from "vitest";
import { parseRedisUrl } from "./parse-redis-url.ts";

test.each([
  ["redis://localhost", { servers: ["localhost:6379"] }],
  ["redis://h1,h2:7000,[::1]:7001/", { servers: ["h1:6379", "h2:7000", "[::1]:7001"] }],
  ["redis://:secret@h", { servers: ["h:6379"], password: "secret" }],
  ["redis://app:p%40ss%3A@h", { servers: ["h:6379"], user: "app", password: "p@ss:" }],
  ["rediss://h", { servers: ["h:6379"], tls: {} }],
  ["rediss://h?servername=redis.example", { servers: ["h:6379"], tls: { servername: "redis.example" } }],
  [
    "redis://h?prefix=jobs:&profile=fast&shards=64&lanes=4&allowUnsafe=true",
    { servers: ["h:6379"], prefix: "jobs:", profile: "fast", shards: 64, lanes: 4, allowUnsafe: true },
  ],
])("reads %s", (url, expected) => {
  const read = Object.entries(parseRedisUrl(url)).filter(([, value]) => value !== undefined);
  expect(Object.fromEntries(read)).toEqual(expected);
});

test.each([
  ["http://h", "must look like"],
  ["redis://", "must look like"],
  ["redis://h:0", "is no HOST"],
  ["redis://h:99999", "is no HOST"],
  ["redis://h,,i", "is no HOST"],
  ["redis://user-only@h", "USER:PASSWORD@"],
  ["redis://a:%zz@h", "percent-encoded"],
  ["redis://h?profil=fast", "no option 'profil'"],
  ["redis://h?profile=fastest", "no profile 'fastest'; there are cache, fast, replicated, strict"],
  ["redis://h?shards=0", "shards=0"],
  ["rediss://h?ca=/does/not/exist", "cannot read"],
])("refuses %s and says why, without showing it", (url, message) => {
  expect(() => parseRedisUrl(url)).toThrow(message);
  expect(() => parseRedisUrl(`${url}`)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});
