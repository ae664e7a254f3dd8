// Server CPU of one unary call: our gRPC server against @grpc/grpc-js, same messages, same handler, same client; and
// against bare node:http2, on which both stand: a stream that is read and dropped, and a constant answer.
//
//   npx tsc -b packages/server && node packages/server/bench/unary-cpu.mjs [--json] [calls=40000] [outstanding=64] [rounds=5]
//
// Each server runs in a process of its own and reports what it used (user and system); the client, plain
// node:http2, is this process. Rounds alternate between the two, each beginning with the other, so that both see the same
// machine; medians are compared. The handler answers DictGet with 100 bytes after checking the token. Goal: a ratio of at most 0.6.

import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:http2";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DictGetRequestSchema, DictGetResponseSchema } from "@everdict/protocol/api";

const path = "/modal.client.ModalClient/DictGet";
const token = { id: "ak-bench", secret: "as-bench" };
const caller = { id: token.id, name: "bench" };
const value = Buffer.alloc(100, 7);
const authenticator = {
  authenticate: (id, secret) => (id === token.id && secret === token.secret ? caller : undefined),
  isCurrent: () => true,
  describe: () => undefined,
};
const service = { get: async () => value };

const servers = {
  async everdict() {
    const { startServer } = await import("@everdict/server");
    const { defaultLimits } = await import("@everdict/protocol");
    const engine = { limits: defaultLimits, serviceFor: () => service };
    const { port } = await startServer({ engine, authenticator, port: 0 });
    return port;
  },
  async "node:http2"() {
    const response = toBinary(DictGetResponseSchema, create(DictGetResponseSchema, { found: true, value }));
    const answer = framed(response);
    const withTrailers = { waitForTrailers: true, sendDate: false };
    const server = createServer();
    server.on("stream", (stream) => {
      stream.on("data", () => {});
      stream.on("end", () => {
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, withTrailers);
        stream.end(answer);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return server.address().port;
  },
  async "grpc-js"() {
    const grpc = await import("@grpc/grpc-js");
    const server = new grpc.Server();
    const definition = {
      DictGet: {
        path,
        requestStream: false,
        responseStream: false,
        requestDeserialize: (bytes) => fromBinary(DictGetRequestSchema, bytes),
        responseSerialize: (message) => Buffer.from(toBinary(DictGetResponseSchema, message)),
      },
    };
    server.addService(definition, {
      async DictGet({ request, metadata }, callback) {
        const [id] = metadata.get("x-modal-token-id");
        const [secret] = metadata.get("x-modal-token-secret");
        if (authenticator.authenticate(id, secret) === undefined) return callback({ code: 16 });
        const found = await service.get(request.dictId, request.key);
        callback(null, create(DictGetResponseSchema, { found: true, value: found }));
      },
    });
    const credentials = grpc.ServerCredentials.createInsecure();
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
  },
};

async function serve(name) {
  process.send({ port: await servers[name]() });
  let before = process.cpuUsage();
  process.on("message", () => {
    const { user, system } = process.cpuUsage(before);
    process.send({ cpuUs: user + system });
    before = process.cpuUsage();
  });
}

async function start(name) {
  const child = fork(fileURLToPath(import.meta.url), [`--serve=${name}`]);
  const [{ port }] = await once(child, "message");
  const session = connect(`http://127.0.0.1:${port}`);
  const cpuUs = async () => {
    child.send("cpu");
    const [message] = await once(child, "message");
    return message.cpuUs;
  };
  const stop = () => {
    session.destroy();
    child.kill();
  };
  return { name, session, cpuUs, stop };
}

const message = toBinary(
  DictGetRequestSchema,
  create(DictGetRequestSchema, { dictId: "di-0123456789abcdefghijkl", key: Buffer.alloc(20, 1) }),
);
const body = framed(message);
const headers = {
  ":method": "POST",
  ":path": path,
  te: "trailers",
  "content-type": "application/grpc",
  "user-agent": "bench",
  "x-modal-token-id": token.id,
  "x-modal-token-secret": token.secret,
  "x-modal-client-version": "1.5.4",
  "x-modal-client-type": "1",
  "x-idempotency-key": "3f0c2f4e-2f65-4cf5-90b1-1d0e9c1f4c11",
};

function framed(payload) {
  return Buffer.concat([Buffer.from([0, 0, 0, 0, payload.length]), payload]);
}

function call(session) {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    let status;
    let bytes = 0;
    stream.on("response", (received) => {
      status = received["grpc-status"];
    });
    stream.on("trailers", (received) => {
      status = received["grpc-status"];
    });
    stream.on("data", (chunk) => {
      bytes += chunk.length;
    });
    stream.on("error", reject);
    stream.on("close", () =>
      status === "0" && bytes === 5 + 104 ? resolve() : reject(new Error(`status ${status}, ${bytes} bytes`)),
    );
    stream.end(body);
  });
}

async function round(server, calls, outstanding) {
  await server.cpuUs();
  const startedAtMs = performance.now();
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await call(server.session);
  };
  await Promise.all(Array.from({ length: outstanding }, worker));
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { cpuUs: (await server.cpuUs()) / calls, callsPerSecond: calls / seconds };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

async function compare([calls = 40_000, outstanding = 64, rounds = 5], asJson) {
  const running = await Promise.all(Object.keys(servers).map(start));
  const results = new Map(running.map(({ name }) => [name, []]));
  for (const server of running) await round(server, calls / 2, outstanding);
  for (let index = 0; index < rounds; index++) {
    const order = index % 2 === 0 ? running : running.toReversed();
    for (const server of order) results.get(server.name).push(await round(server, calls, outstanding));
  }
  for (const server of running) server.stop();
  if (asJson) console.log(JSON.stringify(asSeries(results)));
  else print(results);
}

/** Every round's figures, by server. */
function asSeries(results) {
  const series = [...results].map(([name, list]) => [
    name,
    {
      cpuUs: list.map(({ cpuUs }) => cpuUs),
      callsPerSecond: list.map(({ callsPerSecond }) => callsPerSecond),
    },
  ]);
  return Object.fromEntries(series);
}

function print(results) {
  const medians = {};
  for (const [name, list] of results) {
    medians[name] = median(list.map(({ cpuUs }) => cpuUs));
    const rate = median(list.map(({ callsPerSecond }) => callsPerSecond));
    console.log(
      `${name.padEnd(10)} ${medians[name].toFixed(1)} us server CPU a call, ${Math.round(rate)} calls/s`,
    );
  }
  for (const peer of ["grpc-js", "node:http2"])
    console.log(`of ${peer}: ${(medians.everdict / medians[peer]).toFixed(2)}x`);
}

const role = process.argv[2]?.match(/^--serve=(.+)$/)?.[1];
const args = process.argv.slice(2);
if (role === undefined)
  await compare(args.filter((arg) => arg !== "--json").map(Number), args.includes("--json"));
else await serve(role);
