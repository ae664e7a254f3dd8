import type { Entry } from "@everdict/protocol";
import type { OpenDict } from "../../connection.ts";
import type { KeyFilter } from "../../input/prefix-option.ts";

/**
 * The live entries of a dictionary whose keys are wanted, as bytes, one by one, as fast as they are taken. Ending the
 * loop early ends the request.
 */
export async function* readContents(
  { service, dictId }: OpenDict,
  { keys, values }: { readonly keys: boolean; readonly values: boolean },
  { match, has }: KeyFilter,
): AsyncGenerator<Entry> {
  const parts = match === undefined ? { keys, values } : { keys: true, values, match };
  for await (const batch of service.contents(dictId, parts)) yield* batch.filter(({ key }) => has(key));
}

/** The first `count` of a sequence, followed by `rest` if there are more. */
export async function* takeFirst<Element>(
  elements: AsyncIterable<Element>,
  count: number,
  rest?: Element,
): AsyncGenerator<Element> {
  let taken = 0;
  for await (const element of elements) {
    if (taken === count) {
      if (rest !== undefined) yield rest;
      return;
    }
    taken += 1;
    yield element;
  }
}

/** Each element of a sequence, changed by `change`. */
export async function* mapEach<From, To>(
  elements: AsyncIterable<From>,
  change: (element: From) => To,
): AsyncGenerator<To> {
  for await (const element of elements) yield change(element);
}
