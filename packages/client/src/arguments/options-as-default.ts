import { createError } from "@everdict/protocol";
import type { RequestOptions } from "../request-options.ts";
import { abortSignal } from "./option-kinds.ts";

/** What stands for a type error where options are given in the place of a default. */
export type OptionsComeThird = "options are the third argument, after the default";

/**
 * `unknown`, but for an object of request options alone, such as `{ timeoutMs: 5000 }`: where a default is expected, that
 * is a mistake.
 */
export type NotOptions<Default> = [keyof Default] extends [keyof RequestOptions]
  ? [keyof Default] extends [never]
    ? unknown
    : [Default] extends [RequestOptions]
      ? OptionsComeThird
      : unknown
  : unknown;

/**
 * Refuses request options in the place of a default, as they would come back as if they had been found. A program that
 * means it gives options too, `{}` if it has none.
 *
 * @throws {InvalidError} `invalid_argument`
 */
export function checkDefault(method: "get" | "pop", given: unknown): void {
  if (typeof given !== "object" || given === null || !isRequestOptions(given)) return;
  const names = Object.keys(given).join(", ");
  const none = method === "get" ? "undefined" : "noDefault";
  throw createError(
    "invalid_argument",
    `${method}: { ${names} } stands where the default is expected; options come third: ${method}(key, ${none}, { ${names} })`,
  );
}

function isRequestOptions(given: object): boolean {
  const names = Object.keys(given);
  return names.length > 0 && names.every((name) => isRequestOption(name, Reflect.get(given, name)));
}

function isRequestOption(name: string, value: unknown): boolean {
  if (name === "timeoutMs") return value === undefined || typeof value === "number";
  return name === "signal" && (value === undefined || abortSignal(name, value) === undefined);
}
