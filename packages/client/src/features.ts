import { createError, type DictService, EverdictError, type Method } from "@everdict/protocol";

/** What a place may be able to do beyond Modal's own calls, and the method of its service that this takes. */
const methodsOf = {
  entry: "entry",
  ifVersion: "commit",
  onlyIfExists: "commit",
  ttlMs: "commit",
  modify: "commit",
  increment: "commit",
  touch: "commit",
  transaction: "commit",
  getMany: "getMany",
  removeMany: "removeMany",
  prefix: "page",
  page: "page",
  stats: "stats",
  configure: "configureDict",
} as const satisfies Record<string, Method>;

/** Something that not every place can do; asked for with {@link Client.supports}. */
export type Feature = keyof typeof methodsOf;

/** Every {@link Feature}. */
export const features = Object.keys(methodsOf) as readonly Feature[];

/** Whether a service can do something; `lacks`: methods that it only refuses. */
export function supports(
  service: DictService,
  lacks: readonly Method[] | undefined,
  feature: Feature,
): boolean {
  const method = methodsOf[feature];
  return typeof service[method] === "function" && !lacks?.includes(method);
}

/** The error for what a place cannot do, before anything is sent. */
export function unsupported(feature: Feature): EverdictError {
  return createError("unsupported", `${nameOf(feature)} ${remedy}`);
}

/** Says of an answer that the server does not know the call what helps. */
export function explainUnimplemented(error: unknown, feature: Feature): unknown {
  if (!(error instanceof EverdictError) || error.code !== "unimplemented") return error;
  const message = `${nameOf(feature)} needs a newer server, of version ${sinceVersion} or later: ${error.message}`;
  return createError("unimplemented", message, { cause: error });
}

/** The first version whose servers know these calls. */
const sinceVersion = "0.2";
const remedy =
  "is nothing that this place can do: Modal's cloud knows only Modal's calls. Connect to a server of ours, file: or memory:";

function nameOf(feature: Feature): string {
  return feature.startsWith("if") || /Exists$|Ms$|^prefix$/.test(feature)
    ? `the option ${feature}`
    : `${feature}()`;
}
