import {
  type CallOptions,
  type Method,
  methodTable,
  type PromptDictService,
  type RequestOf,
} from "@everdict/protocol";
import { type AnswerKind, frameByType, type MethodFrame } from "../messages/method-frames.ts";
import { answerWriters, type WriteAnswer, type WrittenTypes } from "./answer-writers.ts";
import { dictList, environmentList } from "./list-answer.ts";

/** The methods with one answer. */
export type UnaryMethod = Exclude<Method, "contents">;

/** What is written for the answer of a method. */
export type Written<M extends UnaryMethod> = WrittenTypes[AnswerKind<M>];

/** Calls a method of a service with the content of a request. */
type Call<M extends UnaryMethod> = (
  service: PromptDictService,
  dictId: string,
  content: RequestOf<M>,
  options: CallOptions,
) => Written<M> | Promise<Written<M>> | Promise<void>;

const calls: { readonly [M in UnaryMethod]: Call<M> } = {
  get: (service, dictId, key, options) => service.get(dictId, key, options),
  contains: (service, dictId, key, options) => service.contains(dictId, key, options),
  len: (service, dictId, _, options) => service.len(dictId, options),
  update: (service, dictId, entries, options) => service.update(dictId, entries, options),
  putIfAbsent: (service, dictId, { key, value }, options) => service.putIfAbsent(dictId, key, value, options),
  pop: (service, dictId, key, options) => service.pop(dictId, key, options),
  remove: (service, dictId, key, options) => service.remove(dictId, key, options),
  commit: (service, dictId, request, options) => service.commit(dictId, request, options),
  entry: (service, dictId, key, options) => service.entry(dictId, key, options),
  getMany: (service, dictId, keys, options) => service.getMany(dictId, keys, options),
  removeMany: (service, dictId, keys, options) => service.removeMany(dictId, keys, options),
  page: (service, dictId, request, options) => service.page(dictId, request, options),
  stats: (service, dictId, _, options) => service.stats(dictId, options),
  clear: (service, dictId, _, options) => service.clear(dictId, options),
  getOrCreateDict: (service, _, request, options) => service.getOrCreateDict(request, options),
  getDictById: (service, dictId, _, options) => service.getDictById(dictId, options),
  deleteDict: (service, dictId, _, options) => service.deleteDict(dictId, options),
  listDicts: async (service, _, request, options) => dictList(await service.listDicts(request, options)),
  configureDict: (service, dictId, change, options) => service.configureDict(dictId, change, options),
  heartbeat: (service, dictId, _, options) => service.heartbeat(dictId, options),
  listEnvironments: async (service, _, __, options) =>
    environmentList(await service.listEnvironments(options)),
  getOrCreateEnvironment: (service, _, { name, mode }, options) =>
    service.getOrCreateEnvironment(name, mode, options),
  updateEnvironment: (service, _, request, options) => service.updateEnvironment(request, options),
  deleteEnvironment: (service, _, name, options) => service.deleteEnvironment(name, options),
};

/** How requests of one method are served. */
export interface MethodCall<M extends UnaryMethod = UnaryMethod> {
  readonly frame: MethodFrame<M>;
  readonly call: Call<M>;
  readonly write: WriteAnswer<Written<M>>;
  /** Whether the answer has many values, so that there must be room for as many before they are read. */
  readonly isBulk: boolean;
}

/** Every method with one answer, by the type of its requests. */
export const callByType: readonly (MethodCall | undefined)[] = frameByType.map((frame) => {
  if (frame === undefined || frame.method === "contents") return undefined;
  const { method } = frame;
  const { answer } = methodTable[method];
  const isBulk = answer === "values" || answer === "page";
  return { frame, call: calls[method], write: answerWriters[answer], isBulk } as MethodCall;
});
