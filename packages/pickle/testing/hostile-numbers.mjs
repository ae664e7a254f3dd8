// Integers that V8's hash for numbers, which knows no secret, puts into one place.

/** The inverse of an odd number modulo 2**32. */
function inverse(odd) {
  let found = 1;
  for (let step = 0; step < 6; step++) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}

/** Undoes `x ^= x >>> shift`. */
function undoShift(hash, shift) {
  let found = hash;
  for (let done = shift; done < 32; done += shift) found = hash ^ (found >>> shift);
  return found;
}

/** The integer with this hash. */
export function integerOfHash(hash) {
  let x = undoShift(hash, 16);
  x = Math.imul(x, inverse(2_057));
  x = undoShift(x, 4);
  x = Math.imul(x, inverse(5));
  x = undoShift(x, 12);
  return Math.imul(x + 1, inverse(32_767));
}
