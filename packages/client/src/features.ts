import { createError, EverdictError } from "@everdict/protocol";

/** What goes beyond Modal's own calls, and whether the client can make it of them. */
const madeOfModalsCalls = {
  entry: false,
  ifVersion: false,
  onlyIfExists: false,
  ttlMs: false,
  modify: false,
  increment: false,
  touch: false,
  transaction: false,
  getMany: true,
  removeMany: true,
  prefix: true,
  page: true,
  stats: false,
  configure: false,
} as const;

/** Something that not every place can do; asked for with {@link Client.supports}. */
export type Feature = keyof typeof madeOfModalsCalls;

/** Every {@link Feature}. */
export const features = Object.keys(madeOfModalsCalls) as readonly Feature[];

/** What knows less than this client: Modal's cloud, or a server of ours from before. */
export type LesserPlace = "modal" | "older";

/** Why a place cannot do something; undefined: it can. */
export function refusalOf(place: LesserPlace | undefined, feature: Feature): EverdictError | undefined {
  if (place === "older") return createError("unimplemented", needsNewer(feature));
  if (place === undefined || madeOfModalsCalls[feature]) return undefined;
  const message = `Modal's cloud knows no ${nameOf(feature)}: connect to a server of ours, file: or memory:`;
  return createError("unsupported", message);
}

/** Says of an answer that the server does not know the call what helps. */
export function explainUnimplemented(error: unknown, feature: Feature): unknown {
  if (!(error instanceof EverdictError) || error.code !== "unimplemented") return error;
  return createError("unimplemented", `${needsNewer(feature)} (${error.message})`, { cause: error });
}

function needsNewer(feature: Feature): string {
  return `${nameOf(feature)} needs a server of version ${firstVersion} or later`;
}

/** The first version whose servers know these calls. */
const firstVersion = "0.2";
const options: readonly Feature[] = ["ifVersion", "onlyIfExists", "ttlMs", "prefix"];

function nameOf(feature: Feature): string {
  return options.includes(feature) ? `option \`${feature}\`` : `${feature}()`;
}
