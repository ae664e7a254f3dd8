import { asBytes } from "../values/other-realm.ts";
import { DeserializationError } from "../wire/errors.ts";
import { runOpcodes } from "./decode-loop.ts";
import type { DecodeOptions } from "./decode-options.ts";
import { Decoder } from "./decoder.ts";

/** Each reading but the last finds out something that the next must know; real pickles take two. */
const READINGS_MAX = 6;
const noOptions: DecodeOptions = {};
let idle: Decoder | undefined;

/**
 * Decodes a pickle of protocol 0 to 5 as data. Nothing is imported or run: a class that is not known becomes a
 * {@link PyObject}, which {@link encode} writes as it came.
 *
 * Tuples arrive as frozen arrays and frozensets as frozen Sets. Both are written back as such. The input is not
 * retained, and bytes that follow the pickle are ignored. A failure leaves nothing behind for the next call.
 *
 * @throws {DeserializationError} if the bytes are not a pickle or go beyond a limit, and nothing else.
 * @example const job = decode(bytes) as { id: number };
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = noOptions): unknown {
  const pickle = bytes instanceof Uint8Array ? bytes : asBytes(bytes);
  if (pickle === undefined) throw new DeserializationError("cannot decode: a pickle is a Uint8Array");
  // A callback may decode in turn; it then gets a decoder of its own.
  const decoder = idle ?? new Decoder();
  idle = undefined;
  try {
    return readPickle(decoder, pickle, options);
  } catch (caught) {
    throw toDeserializationError(caught, decoder.input.position);
  } finally {
    decoder.release();
    idle = decoder;
  }
}

// Some things are known only once a pickle was read: then it is read once more, by a decoder that knows them.
function readPickle(decoder: Decoder, pickle: Uint8Array, options: DecodeOptions): unknown {
  decoder.begin(pickle, options);
  for (let readings = 1; ; readings++) {
    let result: unknown;
    try {
      result = runOpcodes(decoder);
      decoder.dicts.endReading();
      if (!decoder.machine.hasNotes) return result;
    } catch (caught) {
      if (!decoder.isMisread) throw caught;
    }
    if (!decoder.isMisread) {
      decoder.refusals.throwFirst();
      return result;
    }
    if (readings === READINGS_MAX) throw decoder.input.fail("its references are too entangled");
    decoder.readAgain(pickle);
  }
}

function toDeserializationError(caught: unknown, offset: number): DeserializationError {
  if (caught instanceof DeserializationError) {
    if (caught.offset !== undefined) return caught;
    return new DeserializationError(`cannot decode: ${caught.message}, at byte ${offset}`, {
      offset,
      cause: caught.cause,
    });
  }
  const reason = caught instanceof Error ? caught.message : String(caught);
  return new DeserializationError(`cannot decode: ${reason}, at byte ${offset}`, { offset, cause: caught });
}
