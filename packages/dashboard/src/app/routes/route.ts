import { computed, signal } from "@preact/signals";

/**
 * Where the dashboard is, as it stands behind the `#` of the address, so that the server need
 * not know.
 */
export type Route =
  /** The dictionaries of an environment; of the default one if it is empty. */
  | { readonly view: "dicts"; readonly environment: string }
  /** The entries of a dictionary. */
  | { readonly view: "entries"; readonly environment: string; readonly dict: string }
  /** One entry; `key` is the key's bytes in base64url. */
  | { readonly view: "entry"; readonly environment: string; readonly dict: string; readonly key: string };

/** The address of a route, for a link's `href`. */
export function hrefOf(route: Route): string {
  const parts: string[] = [route.view];
  if ("environment" in route) parts.push(route.environment);
  if ("dict" in route) parts.push(route.dict);
  if ("key" in route) parts.push(route.key);
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** The route of an address; the dictionaries of the default environment if it names none. */
export function parseRoute(hash: string): Route {
  const [view, environment = "", dict = "", key = ""] = decoded(hash);
  if (view === "entries" && dict !== "") return { view, environment, dict };
  if (view === "entry" && dict !== "" && key !== "") return { view, environment, dict, key };
  return { view: "dicts", environment };
}

function decoded(hash: string): string[] {
  try {
    return hash
      .replace(/^#?\/?/, "")
      .split("/")
      .map(decodeURIComponent);
  } catch {
    return [];
  }
}

const hash = signal(globalThis.location?.hash ?? "");
globalThis.addEventListener?.("hashchange", () => {
  hash.value = location.hash;
});

/** Where the dashboard is now. */
export const currentRoute = computed(() => parseRoute(hash.value));

/** Goes somewhere; the browser's back button returns. */
export function go(route: Route): void {
  location.hash = hrefOf(route);
}
