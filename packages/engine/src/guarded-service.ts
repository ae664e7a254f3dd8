import {
  type Access,
  createError,
  type DictService,
  EverdictError,
  type Method,
  type MethodRule,
  methodRule,
  methods,
  type Need,
  type PromptDictService,
  roleMay,
} from "@everdict/protocol";
import { dictIdNotFound } from "./not-found.ts";
import type { VisibleDicts } from "./visible-dicts.ts";

/**
 * The one place that decides what a caller may do, by the table of methods.
 *
 * Methods that a caller may not call, or not on everything, are replaced on its service; the others stay as they
 * are, so a caller that may do everything on entries pays nothing. Environments are decided where their names are looked
 * up (`Environments`), dictionaries here.
 *
 * A dictionary that a caller may not see is asked for under an id that nobody has: whatever else is wrong with the
 * request is then found in the same order, and takes the same time, as if it did not exist.
 */

type Call = (...args: unknown[]) => unknown;
type AnyService = DictService | PromptDictService;

/** Well formed, and never given to a dictionary. */
const nobodysId = "di-0000000000000000000000";

/** Makes a service refuse what its caller may not do; the same service is returned. Without an access, nothing changes. */
export function guarded<Service extends AnyService>(
  service: Service,
  access: Access | undefined,
  dicts: () => VisibleDicts,
): Service {
  if (access === undefined) return service;
  const visible = access.environments === undefined ? undefined : dicts();
  for (const name of methods) {
    const permission = methodRule(name);
    const method = service[name] as Call;
    const call: Call = (...args) => method.apply(service, args);
    const refusing = refusesByRole(name, permission, access, call);
    const replacement =
      visible === undefined ? refusing : refusesByDict(name, permission, visible, refusing ?? call);
    if (replacement !== undefined) Object.defineProperty(service, name, { value: replacement });
  }
  return service;
}

/** Undefined if the role may call the method whatever is asked. */
function refusesByRole(
  name: Method,
  { needs, lookupNeeds }: MethodRule,
  { role }: Access,
  call: Call,
): Call | undefined {
  if (roleMay(role, needs)) return undefined;
  const refuse: Call = () => rejection(name, notPermitted(role, name, needs));
  if (lookupNeeds === undefined || !roleMay(role, lookupNeeds)) return refuse;
  return (...args) => (isLookup(args) ? call(...args) : refuse());
}

/** The mode is a request's, or an argument of its own behind the name. */
function isLookup([request, mode]: readonly unknown[]): boolean {
  return typeof request === "object" ? (request as { mode?: unknown }).mode === "lookup" : mode === "lookup";
}

function notPermitted(role: Access["role"], method: Method, needs: Need): EverdictError {
  const allows = role === "read-only" ? "only reads" : "reads and writes entries and dicts only";
  const wants = needs === "admin" ? "an admin token" : "one that may write";
  return createError("permission_denied", `this token ${allows}; ${method} needs ${wants}`);
}

function refusesByDict(name: Method, { names }: MethodRule, dicts: VisibleDicts, call: Call): Call {
  if (names !== "dict") return call;
  if (name === "contents") return (...args) => visibleStream(dicts, call, args);
  const callOn = (maySee: boolean, args: unknown[]): unknown => (maySee ? call(...args) : absent(call, args));
  return (...args) => {
    try {
      const maySee = dicts.maySee(args[0] as string);
      return maySee instanceof Promise ? maySee.then((may) => callOn(may, args)) : callOn(maySee, args);
    } catch (caught) {
      return Promise.reject(caught);
    }
  };
}

/** What the method answers for a dictionary that does not exist. */
async function absent(call: Call, [dictId, ...rest]: unknown[]): Promise<unknown> {
  try {
    return await call(nobodysId, ...rest);
  } catch (caught) {
    throw underId(caught, dictId as string);
  }
}

async function* visibleStream(
  dicts: VisibleDicts,
  call: Call,
  [dictId, ...rest]: unknown[],
): AsyncGenerator<unknown, void, undefined> {
  const maySee = await dicts.maySee(dictId as string);
  const source = call(maySee ? dictId : nobodysId, ...rest) as AsyncIterable<unknown>;
  try {
    yield* source;
  } catch (caught) {
    throw maySee ? caught : underId(caught, dictId as string);
  }
}

function underId(caught: unknown, dictId: string): unknown {
  const isAbsence = caught instanceof EverdictError && caught.code === "dict_not_found";
  return isAbsence ? dictIdNotFound(dictId) : caught;
}

/** A refusal in the way in which the method fails: at the first step of a stream, else as a rejection. */
function rejection(name: Method, error: EverdictError): unknown {
  return name === "contents" ? failingStream(error) : Promise.reject(error);
}

// biome-ignore lint/correctness/useYield: it fails at its first step
async function* failingStream(error: EverdictError): AsyncGenerator<never> {
  throw error;
}
