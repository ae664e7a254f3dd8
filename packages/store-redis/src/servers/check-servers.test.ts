// What is refused and what is warned of, by what servers say of themselves. The servers are fakes.
import { fakeClock } from "@everdict/testkit";
import { afterEach, expect, test } from "vitest";
import { SocketTransport } from "../cluster/socket-transport.ts";
import { bulk, FakeServer } from "../testing/fake-server.ts";
import { checkServers, type ServerFindings } from "./check-servers.ts";
import { type ProfileName, profiles } from "./profiles.ts";

/** What a server says; an empty text: nothing, as managed services that close CONFIG do. */
type Says = Readonly<Record<string, string>>;

const clock = fakeClock();

const good: Says = {
  time: String(Math.floor(clock() / 1_000)),
  version: "redis_version:7.0.15",
  replication: "role:master\r\nconnected_slaves:2",
  "maxmemory-policy": "noeviction",
  appendonly: "yes",
  appendfsync: "everysec",
  "cluster-node-timeout": "5000",
  "cluster-require-full-coverage": "no",
};
const replica: Says = { ...good, replication: "role:slave\r\nconnected_slaves:0" };

const started: FakeServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});

async function start(says: Says): Promise<string> {
  const server = await FakeServer.start(([command, topic, name]) => {
    if (command === "TIME") return `*2\r\n${bulk(says.time!)}${bulk("0")}`;
    if (command === "INFO") return bulk(topic === "server" ? says.version! : says.replication!);
    const value = says[name!]!;
    if (value.startsWith("-")) return `${value}\r\n`;
    return value === "" ? "*0\r\n" : `*2\r\n${bulk(name!)}${bulk(value)}`;
  });
  started.push(server);
  return server.address;
}

async function check(
  servers: readonly Says[],
  options: {
    readonly profileName?: ProfileName;
    readonly deadlineMs?: number;
    readonly isCluster?: boolean;
  } = {},
): Promise<ServerFindings> {
  const { profileName = "replicated", deadlineMs = 20_000, isCluster = true } = options;
  return await checkServers({
    transport: new SocketTransport({ connectTimeoutMs: 500, greeting: [] }),
    servers: await Promise.all(servers.map(start)),
    isCluster,
    profile: profiles[profileName],
    profileName,
    commandTimeoutMs: 1_500,
    deadlineMs,
    clock,
  });
}

test("servers as the documentation wants them are neither refused nor warned of", async () => {
  for (const profileName of ["cache", "fast", "replicated"] as const)
    expect(await check([good, replica, replica], { profileName })).toMatchObject({
      refusals: [],
      warnings: [],
    });
  expect(
    await check([{ ...good, replication: "role:master\r\nconnected_slaves:3", appendfsync: "always" }], {
      profileName: "strict",
    }),
  ).toMatchObject({ refusals: [], warnings: [] });
});

const durable = ["fast", "replicated", "strict"] as const;
test.each<[string, Says, readonly ProfileName[], RegExp]>([
  ["an old server", { version: "redis_version:6.2.1" }, ["cache", ...durable], /Redis 6 is too old/],
  ["an old Valkey", { version: "valkey_version:7.2.5" }, ["cache", ...durable], /Valkey 7 is too old/],
  [
    "eviction",
    { "maxmemory-policy": "allkeys-lru" },
    ["cache", ...durable],
    /maxmemory-policy is 'allkeys-lru'/,
  ],
  ["no log", { appendonly: "no" }, durable, /appendonly is 'no'/],
  ["a log that is never flushed", { appendfsync: "no" }, durable, /appendfsync is 'no'/],
])("refuses %s, of a master and of a replica", async (_, says, refusing, reason) => {
  for (const profileName of Object.keys(profiles) as ProfileName[]) {
    for (const servers of [
      [{ ...good, ...says }, replica],
      [good, { ...replica, ...says }],
    ]) {
      const { refusals } = await check(servers, { profileName });
      if (refusing.includes(profileName)) expect(refusals).toEqual([expect.stringMatching(reason)]);
      else expect(refusals).toEqual([]);
    }
  }
});

test.each<[ProfileName, number, boolean]>([
  ["fast", 0, false],
  ["replicated", 0, true],
  ["replicated", 1, false],
  ["strict", 1, true],
  ["strict", 2, false],
])("profile '%s' with %i replicas: refused %s", async (profileName, replicas, refused) => {
  const master = { ...good, replication: `role:master\r\nconnected_slaves:${replicas}` };
  const { refusals } = await check([master], { profileName });
  expect(refusals).toHaveLength(refused ? 1 : 0);
});

test.each<[string, Says, { readonly deadlineMs?: number; readonly profileName?: ProfileName }, RegExp]>([
  ["no replica to spare", { replication: "role:master\r\nconnected_slaves:1" }, {}, /no replica to spare/],
  [
    "a node timeout below the command timeout",
    { "cluster-node-timeout": "1000" },
    {},
    /not above the command/,
  ],
  ["a failover that takes longer than calls have", {}, { deadlineMs: 7_000 }, /5000 ms, so a failover takes/],
  [
    "the default node timeout where none is shown",
    { "cluster-node-timeout": "" },
    { deadlineMs: 17_000 },
    /15000 ms unless somebody has set it, so a failover takes longer/,
  ],
  [
    "a clock behind",
    { time: String(Math.floor(clock() / 1_000) - 4) },
    {},
    /clock .* is off from a server's/,
  ],
  ["a clock ahead", { time: String(Math.floor(clock() / 1_000) + 4) }, {}, /clock .* is off from a server's/],
  ["full coverage", { "cluster-require-full-coverage": "yes" }, {}, /none are served/],
  [
    "settings that are not there",
    { appendfsync: "" },
    {},
    /do not show their settings: make sure of appendfsync \(/,
  ],
  [
    "settings that are closed",
    { "maxmemory-policy": "-NOPERM no", appendonly: "-NOPERM no", appendfsync: "-NOPERM no" },
    {},
    /make sure of maxmemory-policy, appendonly, appendfsync \(/,
  ],
])("warns of %s", async (_, says, options, warning) => {
  const { refusals, warnings } = await check([{ ...good, ...says }], options);
  expect(refusals).toEqual([]);
  expect(warnings).toEqual([expect.stringMatching(warning)]);
});

test("warns strict of a log that is flushed every second", async () => {
  const master = { ...good, replication: "role:master\r\nconnected_slaves:3" };
  const { warnings } = await check([master], { profileName: "strict" });
  expect(warnings).toEqual([expect.stringMatching(/appendfsync is 'everysec'/)]);
});

test("does not judge a server that does not answer, but says so", async () => {
  const address = await start(good);
  await started.pop()!.stop();
  const findings = await checkServers({
    transport: new SocketTransport({ connectTimeoutMs: 500, greeting: [] }),
    servers: [address],
    isCluster: true,
    profile: profiles.replicated,
    profileName: "replicated",
    commandTimeoutMs: 1_500,
    deadlineMs: 20_000,
    clock,
  });
  expect(findings).toMatchObject({ refusals: [], warnings: [expect.stringContaining(address)] });
});

test("names the servers that something is wrong with, but not all of many", async () => {
  const { warnings } = await check(
    Array.from({ length: 5 }, () => ({ ...good, "cluster-require-full-coverage": "yes" })),
  );
  expect(warnings).toEqual([
    expect.stringMatching(/\((127\.0\.0\.1:\d+, ){2}127\.0\.0\.1:\d+ and 2 more\)$/),
  ]);
});
