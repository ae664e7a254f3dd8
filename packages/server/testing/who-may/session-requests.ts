import { type Method, methods, methodTable } from "@everdict/protocol";
import { key, type Place } from "./open-doors.ts";

/** A type of request, as the call of a service that it is, in one of its modes if it has some. */
export interface SessionCase {
  readonly what: string;
  readonly type: number;
  readonly operation: Method;
  readonly isLookup: boolean;
  readonly args: (place: Place) => unknown[];
}

type Arguments = (place: Place) => unknown[];

let fresh = 0;
const newName = (): string => `fresh-${fresh++}`;

/** What has modes has its request once to find and once to create. */
const requests: Record<Method, Arguments | { readonly find: Arguments; readonly create: Arguments }> = {
  get: ({ dictId }) => [dictId, key],
  contains: ({ dictId }) => [dictId, key],
  len: ({ dictId }) => [dictId],
  update: ({ dictId }) => [dictId, [{ key, value: key }]],
  putIfAbsent: ({ dictId }) => [dictId, key, key],
  pop: ({ dictId }) => [dictId, key],
  remove: ({ dictId }) => [dictId, key],
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

/** Every type of request. */
export function sessionCases(): SessionCase[] {
  return methods.flatMap((operation) => {
    const request = requests[operation];
    const call = { type: methodTable[operation].frame, operation };
    if (typeof request === "function") return [{ ...call, what: operation, isLookup: false, args: request }];
    return [
      { ...call, what: `${operation} (find)`, isLookup: true, args: request.find },
      { ...call, what: `${operation} (create)`, isLookup: false, args: request.create },
    ];
  });
}
