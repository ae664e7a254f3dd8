import { sampleArguments } from "@everdict/engine/suite";
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

/** The requests of what has modes: to find and to create. */
const requestsWithModes: {
  readonly [M in Method]?: { readonly find: Arguments; readonly create: Arguments };
} = {
  getOrCreateDict: {
    find: ({ environment, name }) => [{ environment, name, mode: "lookup" }],
    create: ({ environment, name }) => [{ environment, name, mode: "createIfMissing" }],
  },
  getOrCreateEnvironment: {
    find: ({ environment }) => [environment, "lookup"],
    create: () => [newName(), "createFailIfExists"],
  },
};

/** Every type of request. */
export function sessionCases(): SessionCase[] {
  return methods.flatMap((operation) => {
    const request = requestsWithModes[operation];
    const call = { type: methodTable[operation].frame, operation };
    if (request === undefined) {
      const args: Arguments = (place) => sampleArguments(operation, place, key);
      return [{ ...call, what: operation, isLookup: false, args }];
    }
    return [
      { ...call, what: `${operation} (find)`, isLookup: true, args: request.find },
      { ...call, what: `${operation} (create)`, isLookup: false, args: request.create },
    ];
  });
}
