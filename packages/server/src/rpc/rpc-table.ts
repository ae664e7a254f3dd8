import type { Caller } from "@everdict/engine";
import type { DictService } from "@everdict/protocol";
import type { GrpcMethod, GrpcRequest } from "../grpc/grpc-method.ts";
import { servicePerCaller } from "../service-per-caller.ts";
import type { Rpc } from "./define-rpc.ts";
import { dictRpcs } from "./dicts.ts";
import { dictsV1Rpcs } from "./dicts-v1.ts";
import { environmentRpcs } from "./environments.ts";
import { identityRpcs } from "./identity.ts";
import type { RpcContext, ServerIdentity, TokenManagement } from "./rpc-context.ts";
import { tokenRpcs } from "./tokens.ts";

/** Every RPC there is. One that is not here answers UNIMPLEMENTED. */
export const rpcTable: readonly Rpc[] = [
  ...dictRpcs,
  ...dictsV1Rpcs,
  ...environmentRpcs,
  ...identityRpcs,
  ...tokenRpcs,
];

/** What binds the table to one server. */
export interface RpcBinding {
  readonly serviceFor: (caller: Caller) => DictService;
  readonly identity: ServerIdentity;
  readonly requestMaxEntries: number;
  readonly management: TokenManagement;
}

/** The table as the transport wants it: by path, each method knowing the services it works with. */
export function bindRpcs(
  rpcs: readonly Rpc[],
  { serviceFor, identity, requestMaxEntries, management }: RpcBinding,
): ReadonlyMap<string, GrpcMethod> {
  const serviceOf = servicePerCaller(serviceFor);
  const context = ({ caller, options, memory }: GrpcRequest): RpcContext => ({
    caller,
    service: serviceOf(caller),
    options,
    memory,
    identity,
    requestMaxEntries,
    ...management,
  });
  return new Map(rpcs.map((rpc) => [rpc.path, bindRpc(rpc, context)]));
}

function bindRpc(rpc: Rpc, context: (request: GrpcRequest) => RpcContext): GrpcMethod {
  const { name } = rpc;
  if (rpc.kind === "serverStream") {
    return { kind: "serverStream", name, answer: (request) => rpc.answer(context(request), request.message) };
  }
  const { isRead } = rpc;
  return { kind: "unary", name, isRead, answer: (request) => rpc.answer(context(request), request.message) };
}
