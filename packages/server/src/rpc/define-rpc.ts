import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { methodRule, methods, nextTurn, sliceItems } from "@everdict/protocol";
import type { GrpcMessage } from "../grpc/grpc-method.ts";
import { messageCheck, unreadable } from "./check-message.ts";
import type { RpcContext } from "./rpc-context.ts";

/** A unary RPC: from the bytes of its request to those of its response. */
export interface UnaryRpc {
  readonly kind: "unary";
  readonly name: string;
  readonly path: string;
  /** Whether it changes nothing, so that it can be asked again. */
  readonly isRead: boolean;
  /** May throw, and may reject. */
  readonly answer: (context: RpcContext, message: Uint8Array) => Promise<GrpcMessage>;
}

/** An RPC that answers with a stream, as pieces of its body. */
export interface ServerStreamRpc {
  readonly kind: "serverStream";
  readonly name: string;
  readonly path: string;
  readonly answer: (context: RpcContext, message: Uint8Array) => AsyncIterable<Uint8Array>;
}

/** An RPC: its name in the service, and what it does. */
export type Rpc = UnaryRpc | ServerStreamRpc;

const readOptions = { readUnknownFields: false };

/** Defines a unary RPC by its schema and its handler. */
export function unaryRpc<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  handle: (context: RpcContext, request: MessageShape<I>) => Promise<MessageInitShape<O>>,
): UnaryRpc {
  const { output } = method;
  const encode = (response: MessageInitShape<O>): Uint8Array => toBinary(output, create(output, response));
  return encodedRpc(method, (context, request) => handle(context, request).then(encode));
}

/** Defines a unary RPC whose handler encodes its answer itself. */
export function encodedRpc<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  handle: (context: RpcContext, request: MessageShape<I>) => Promise<GrpcMessage>,
): UnaryRpc {
  const decode = decoder(method.input);
  return {
    kind: "unary",
    name: method.name,
    path: pathOf(method),
    isRead: isRead(method.localName),
    answer: (context, message) => {
      const { request, entries } = decode(context, message);
      if (entries <= sliceItems) return handle(context, request);
      // To decode so many takes as long as a turn may. What is done with them has one of its own.
      return nextTurn().then(() => handle(context, request));
    },
  };
}

/** Defines a server-streaming RPC; the handler encodes its messages itself. */
export function serverStreamRpc<I extends DescMessage, O extends DescMessage>(
  method: DescMethodServerStreaming<I, O>,
  handle: (context: RpcContext, request: MessageShape<I>) => AsyncIterable<Uint8Array>,
): ServerStreamRpc {
  const { name } = method;
  const decode = decoder(method.input);
  return {
    kind: "serverStream",
    name,
    path: pathOf(method),
    answer: (context, message) => handle(context, decode(context, message).request),
  };
}

/** Those of no method of the dictionaries. */
const otherReads = new Set(["clientHello", "authTokenGet", "workspaceNameLookup", "tokenInfoGet", "list"]);

/** An RPC reads if all that it can be a call of only reads. */
function isRead(name: string): boolean {
  const called = methods.map(methodRule).filter(({ rpcs }) => (rpcs as readonly string[]).includes(name));
  return called.length === 0 ? otherReads.has(name) : called.every(({ needs }) => needs === "read");
}

function pathOf(method: { readonly name: string; readonly parent: { readonly typeName: string } }): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Reads requests of one kind: their structure is checked in place, then the objects are made. */
function decoder<I extends DescMessage>(
  schema: I,
): (context: RpcContext, message: Uint8Array) => { request: MessageShape<I>; entries: number } {
  const check = messageCheck(schema);
  return ({ requestMaxEntries }, message) => {
    const entries = check(message, requestMaxEntries);
    try {
      return { request: fromBinary(schema, message, readOptions), entries };
    } catch (cause) {
      throw unreadable(schema.name, cause);
    }
  };
}
