import type { Caller } from "@everdict/engine";
import type { DictService } from "@everdict/protocol";
import type { GrpcMethod, GrpcRequest } from "../grpc/grpc-method.ts";
import type { Rpc } from "./define-rpc.ts";
import { dictRpcs } from "./dicts.ts";
import { environmentRpcs } from "./environments.ts";
import { identityRpcs } from "./identity.ts";
import type { RpcContext, ServerIdentity } from "./rpc-context.ts";

/** Every RPC there is. One that is not here answers UNIMPLEMENTED. */
export const rpcTable: readonly Rpc[] = [...dictRpcs, ...environmentRpcs, ...identityRpcs];

/** What binds the table to one server. */
export interface RpcBinding {
  readonly serviceFor: (caller: Caller) => DictService;
  readonly identity: ServerIdentity;
}

/** The table as the transport wants it: by path, each method knowing the services it works with. */
export function bindRpcs(
  rpcs: readonly Rpc[],
  { serviceFor, identity }: RpcBinding,
): ReadonlyMap<string, GrpcMethod> {
  // Authenticators answer the same caller object for the same token, so its service is made once.
  const services = new WeakMap<Caller, DictService>();
  const context = ({ caller, options }: GrpcRequest): RpcContext => {
    let service = services.get(caller);
    if (service === undefined) {
      service = serviceFor(caller);
      services.set(caller, service);
    }
    return { caller, service, options, identity };
  };
  return new Map(rpcs.map((rpc) => [rpc.path, bindRpc(rpc, context)]));
}

function bindRpc(rpc: Rpc, context: (request: GrpcRequest) => RpcContext): GrpcMethod {
  const { name } = rpc;
  return rpc.kind === "unary"
    ? { kind: "unary", name, answer: (request) => rpc.answer(context(request), request.message) }
    : { kind: "serverStream", name, answer: (request) => rpc.answer(context(request), request.message) };
}
