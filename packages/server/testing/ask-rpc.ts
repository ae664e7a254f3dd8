import {
  create,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { ConnectionMemory, type DictService, MemoryAccount } from "@everdict/protocol";
import { ModalClient } from "@everdict/protocol/api";
import type { GrpcMessage } from "../src/grpc/grpc-method.ts";
import { bindRpcs, rpcTable } from "../src/rpc/rpc-table.ts";
import { fakeService, type RecordedCall } from "./fake-service.ts";
import { testAuthenticator, testCaller } from "./test-server.ts";

const { method: methods } = ModalClient;

/** The unary RPCs, by the name of their method. */
type Unary = {
  [N in keyof typeof methods]: (typeof methods)[N] extends DescMethodUnary<infer I, infer O> ? [I, O] : never;
};

/** What {@link askRpc} found. */
export interface Asked<R> {
  readonly response: R;
  readonly calls: readonly RecordedCall[];
}

/** Asks one unary RPC of the table, with a fake service and without a network. */
export async function askRpc<N extends keyof typeof methods>(
  name: N,
  request: MessageInitShape<Unary[N][0]>,
  service: Partial<DictService> = {},
): Promise<Asked<MessageShape<Unary[N][1]>>> {
  const calls: RecordedCall[] = [];
  const { input, output } = methods[name];
  const message = toBinary(input, create(input, request as object));
  const answer = await bound(service, calls).get(`/modal.client.ModalClient/${methods[name].name}`);
  if (answer?.kind !== "unary") throw new Error(`${name} is not a unary RPC`);
  const memory = new ConnectionMemory(new MemoryAccount().token(testCaller.id));
  const options = { idempotencyKey: "key-1" };
  const bytes = await answer.answer({ caller: testCaller, options, message, memory });
  return { response: fromBinary(output, wholeMessage(bytes)) as MessageShape<Unary[N][1]>, calls };
}

/** A message in one piece. */
export function wholeMessage(message: GrpcMessage): Uint8Array {
  return message instanceof Uint8Array ? message : new Uint8Array(Buffer.concat(message));
}

function bound(service: Partial<DictService>, calls: RecordedCall[]) {
  return bindRpcs(rpcTable, {
    serviceFor: () => fakeService(service, calls),
    requestMaxEntries: 10_000,
    management: { audit: () => {} },
    identity: {
      workspaceName: "home",
      describeToken: (tokenId) => testAuthenticator.describe(tokenId),
      issueAuthToken: ({ id }) => `token of ${id}`,
    },
  });
}
