import type { GrpcMessage, GrpcMethod, GrpcRequest, UnaryMethod } from "./grpc-method.ts";

/** Who must know that somebody waits for the engine. */
export interface WorkObserver {
  workBegan(): void;
  workEnded(): void;
}

/** The same methods, with somebody told while they run. Not of streams: these last as long as their clients read. */
export function observedMethods(
  methods: ReadonlyMap<string, GrpcMethod>,
  observer: WorkObserver,
): ReadonlyMap<string, GrpcMethod> {
  const observed = (method: GrpcMethod): GrpcMethod =>
    method.kind === "unary" ? observedMethod(method, observer) : method;
  return new Map([...methods].map(([path, method]) => [path, observed(method)]));
}

function observedMethod(method: UnaryMethod, observer: WorkObserver): UnaryMethod {
  const answer = async (request: GrpcRequest): Promise<GrpcMessage> => {
    observer.workBegan();
    try {
      return await method.answer(request);
    } finally {
      observer.workEnded();
    }
  };
  return { ...method, answer };
}
