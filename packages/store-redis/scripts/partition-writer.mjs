// A client for partition.mjs, in whatever network namespace it is started in.
//
//   owner SERVERS PROFILE            makes the dictionary, prints the host that owns its first shard
//   write SERVERS PROFILE SIDE       writes until its input ends, prints what was acknowledged
//   check SERVERS PROFILE SIDE       reads numbers, prints how many of them are lost
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { openRedisStore } from "@everdict/store-redis";
import { Keyspace, shardOf } from "../dist/keys/keyspace.js";

const [task, servers, profile, side] = process.argv.slice(2);
const id = `di-${profile}`;
const keyOf = (number) => Buffer.from(`${side} ${number}`);
const store = await openRedisStore({
  servers: servers.split(","),
  profile,
  allowUnsafe: true,
  commandTimeoutMs: 1_000,
  deadlineMs: 60_000,
});

if (task === "owner") {
  await store.createEnvironment("en-partition", "main");
  const dict = { id, environmentId: "en-partition", name: profile, createdBy: "partition", data: [] };
  await store.createDict({ ...dict, expiry: { policy: "never" } });
  const { slot } = new Keyspace("everdict:").shard(id, 0, 16);
  const [host, port] = servers.split(",")[0].split(":");
  const { stdout } = spawnSync("redis-cli", ["-h", host, "-p", port, "cluster", "nodes"], {
    encoding: "utf8",
  });
  const owner = stdout.split("\n").find((line) => {
    if (!line.includes("master") || line.includes("fail")) return false;
    return line
      .split(" ")
      .slice(8)
      .some((range) => {
        const [first, last = first] = range.split("-").map(Number);
        return first <= slot && slot <= last;
      });
  });
  console.log(owner.split(" ")[1].split(":")[0]);
} else if (task === "write") {
  let stopping = false;
  process.stdin.resume().on("end", () => {
    stopping = true;
  });
  const acknowledged = [];
  let next = 0;
  /** Only keys of the first shard, whose master is cut off: the others would keep every writer waiting. */
  const nextNumber = () => {
    while (shardOf(keyOf(next), 16) !== 0) next++;
    return next++;
  };
  const write = async () => {
    while (!stopping) {
      const number = nextNumber();
      await store.update(id, [{ key: keyOf(number), value: Buffer.alloc(100, 97) }]).then(
        () => acknowledged.push(number),
        () => {},
      );
      await delay(2);
    }
  };
  await Promise.all(Array.from({ length: 64 }, write));
  process.stdout.write(JSON.stringify(acknowledged));
} else {
  let text = "";
  for await (const part of process.stdin.setEncoding("utf8")) text += part;
  const numbers = JSON.parse(text);
  let lost = 0;
  for (let start = 0; start < numbers.length; start += 500) {
    const found = await Promise.all(
      numbers.slice(start, start + 500).map((number) => store.contains(id, keyOf(number))),
    );
    lost += found.filter((one) => !one).length;
  }
  console.log(lost);
}
await store.close();
