/** One of a few words, as a number. */

import { createError, type EverdictError } from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";

/** @throws `invalid_argument` for what is not among the choices */
export function writeChoice<Choice extends string>(
  sink: ByteSink,
  choices: readonly Choice[],
  choice: Choice,
): void {
  const index = choices.indexOf(choice);
  if (index < 0) throw createError("invalid_argument", `'${choice}' is not one of ${choices.join(", ")}`);
  sink.u8(index);
}

/** @throws `invalid_argument` for a number that stands for none of them */
export function readChoice<Choice extends string>(source: ByteSource, choices: readonly Choice[]): Choice {
  const choice = choices[source.u8()];
  if (choice === undefined) throw unknownChoice();
  return choice;
}

/** Not a broken frame: the request is refused, and the session goes on. */
export function unknownChoice(): EverdictError {
  return createError(
    "invalid_argument",
    "the creation mode, the expiry policy or the durability is not one that is known",
  );
}
