import {
  type AnswerTypes,
  type Method,
  type MethodRule,
  methodRule,
  methods,
  type methodTable,
  type RequestOf,
} from "@everdict/protocol";
import { type AnswerReader, answerReaders } from "./answer-readers.ts";
import type { RequestCodec } from "./request-codec.ts";
import { requestCodecs } from "./request-codecs.ts";

/** The kind of answer of a method. */
export type AnswerKind<M extends Method> = (typeof methodTable)[M]["answer"];

/** A method as a session has it: its row of the table of methods, and how its request and its answer are written. */
export interface MethodFrame<M extends Method = Method> {
  readonly method: M;
  readonly rule: MethodRule;
  /** The type of its requests. */
  readonly type: number;
  /** Whether its requests name a dictionary. */
  readonly namesDict: boolean;
  /** Whether its requests come with an idempotency key. */
  readonly takesKey: boolean;
  /** Whether the server is told that a key will not be used again. */
  readonly settlesKey: boolean;
  /** Whether only servers of the second level know such a request (see `serverLevel`). */
  isLater(content: RequestOf<M>): boolean;
  readonly request: RequestCodec<RequestOf<M>>;
  readonly answer: AnswerReader<AnswerTypes[AnswerKind<M>]>;
}

/** The methods of the second level. Other methods have requests of it. */
const laterMethods: ReadonlySet<Method> = new Set<Method>([
  "commit",
  "entry",
  "getMany",
  "removeMany",
  "page",
  "stats",
  "configureDict",
]);

function frameOf(method: Method) {
  const rule = methodRule(method);
  const { frame: type, names, repeat } = rule;
  const request = requestCodecs[rule.request];
  return {
    method,
    rule,
    type,
    namesDict: names === "dict",
    takesKey: repeat === "underKey" || repeat === "creation",
    settlesKey: repeat === "underKey",
    isLater: (content: never) => laterMethods.has(method) || request.isLater?.(content) === true,
    request,
    answer: answerReaders[rule.answer],
  };
}

/** Every method, by name. */
export const methodFrames: { readonly [M in Method]: MethodFrame<M> } = Object.fromEntries(
  methods.map((method) => [method, frameOf(method)]),
) as never;

/** Every method, by the type of its requests. */
export const frameByType: readonly (MethodFrame | undefined)[] = Array.from({ length: 0x80 }, (_, type) =>
  Object.values<MethodFrame>(methodFrames).find((each) => each.type === type),
);
