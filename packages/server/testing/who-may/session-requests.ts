import type { DictService } from "@everdict/protocol";
import { FrameType, requestTypes } from "../../../session/src/frames/wire.ts";
import { key, type Place } from "./open-doors.ts";

/** A type of request, as the call of a service that it is, in one of its modes if it has some. */
export interface SessionCase {
  readonly what: string;
  readonly type: number;
  readonly operation: keyof DictService;
  readonly isLookup: boolean;
  readonly args: (place: Place) => unknown[];
}

type RequestName = Exclude<keyof DictService, never> | "putIfAbsent";
type Arguments = (place: Place) => unknown[];

let fresh = 0;
const newName = (): string => `fresh-${fresh++}`;

/** By the names of the wire table. What has modes has its request once to find and once to create. */
const requests: Record<RequestName, Arguments | { readonly find: Arguments; readonly create: Arguments }> = {
  get: ({ dictId }) => [dictId, key],
  contains: ({ dictId }) => [dictId, key],
  len: ({ dictId }) => [dictId],
  update: ({ dictId }) => [dictId, [{ key, value: key }], false],
  putIfAbsent: ({ dictId }) => [dictId, [{ key, value: key }], true],
  pop: ({ dictId }) => [dictId, key],
  clear: ({ dictId }) => [dictId],
  contents: ({ dictId }) => [dictId, { keys: true, values: true }],
  getOrCreateDict: {
    find: ({ environment, name }) => [{ environment, name, mode: "lookup" }],
    create: ({ environment, name }) => [{ environment, name, mode: "createIfMissing" }],
  },
  getDictById: ({ dictId }) => [dictId],
  deleteDict: ({ dictId }) => [dictId],
  listDicts: ({ environment }) => [{ environment, maxObjects: 0 }],
  heartbeat: ({ dictId }) => [dictId],
  listEnvironments: () => [],
  getOrCreateEnvironment: {
    find: ({ environment }) => [environment, "lookup"],
    create: () => [newName(), "createFailIfExists"],
  },
  updateEnvironment: ({ environment }) => [{ currentName: environment, webSuffix: newName() }],
  deleteEnvironment: ({ environment }) => [environment],
};

/** Every type of request that the wire table names. */
export function sessionCases(): SessionCase[] {
  const types = Object.entries(FrameType).filter(
    ([, type]) => type >= requestTypes.first && type <= requestTypes.last,
  );
  return types.flatMap(([name, type]) => {
    const request = requests[name as RequestName];
    if (request === undefined) throw new Error(`nobody decided what requests of type ${name} need`);
    const operation = name === "putIfAbsent" ? "update" : (name as keyof DictService);
    if (typeof request === "function")
      return [{ what: name, type, operation, isLookup: false, args: request }];
    return [
      { what: `${name} (find)`, type, operation, isLookup: true, args: request.find },
      { what: `${name} (create)`, type, operation, isLookup: false, args: request.create },
    ];
  });
}
