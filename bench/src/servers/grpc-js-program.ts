// A server with the same handlers as ours, on the same engine in memory, on @grpc/grpc-js: the peer that shows what
// the gRPC module is worth. Unary calls only.
import { openMemoryEngine } from "@everdict/embedded";
import { type EverdictError, errorFrom, errorTable } from "@everdict/protocol";
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** What is taken from the insides of the server package. */
interface ServerInsides {
  readonly rpcTable: readonly unknown[];
  bindRpcs(rpcs: readonly unknown[], binding: object): ReadonlyMap<string, BoundMethod>;
}

interface BoundMethod {
  readonly kind: "unary" | "serverStream";
  readonly name: string;
  readonly answer: (request: {
    readonly caller: object;
    readonly options: { readonly idempotencyKey?: string };
    readonly message: Uint8Array;
  }) => Promise<Uint8Array>;
}

const inside = (path: string): string =>
  new URL(`../../../packages/server/dist/${path}`, import.meta.url).href;
const { bindRpcs, rpcTable } = (await import(inside("rpc/rpc-table.js"))) as ServerInsides;
const { createAuthTokenIssuer } = (await import(inside("rpc/auth-token.js"))) as {
  createAuthTokenIssuer(): unknown;
};

const engine = await openMemoryEngine();
const caller = { id: "ak-bench", name: "bench" };
const service = engine.serviceFor(caller);
const identity = {
  workspaceName: "bench",
  describeToken: () => undefined,
  issueAuthToken: createAuthTokenIssuer(),
};
const methods = bindRpcs(rpcTable, { serviceFor: () => service, identity });

const asIs = (bytes: Buffer): Buffer => bytes;
const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {};
const implementation: UntypedServiceImplementation = {};
for (const [path, method] of methods) {
  if (method.kind !== "unary") continue;
  definition[method.name] = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  implementation[method.name] = (
    call: { request: Buffer; metadata: { get(name: string): unknown[] } },
    callback: (error: object | null, response?: Buffer) => void,
  ) => {
    const { metadata, request: message } = call;
    if (metadata.get("x-modal-token-secret")[0] !== "as-bench") return callback({ code: 16, details: "no" });
    const idempotencyKey = metadata.get("x-idempotency-key")[0] as string | undefined;
    const options = idempotencyKey === undefined ? {} : { idempotencyKey };
    method.answer({ caller, options, message }).then(
      (bytes) => callback(null, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
      (error: unknown) => callback(statusOf(errorFrom(error))),
    );
  };
}

function statusOf(error: EverdictError): object {
  return { code: errorTable[error.code].status, details: error.message };
}

const server = new Server({ "grpc.max_receive_message_length": -1 });
server.addService(definition, implementation);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`port ${port}`);
});
process.on("SIGTERM", () => process.exit(0));
