import { checkEnvironmentName, createError, type NewToken, roles } from "@everdict/protocol";

/** The longest name of a token, in characters. */
const tokenNameMaxLength = 64;
/** The longest note of a token, in characters. */
const tokenNoteMaxLength = 200;
/** How many environments a token can name. */
const tokenEnvironmentsMax = 100;

const printable = /^[\p{L}\p{N}\p{P}\p{S} ]+$/u;

/** @throws `invalid_argument` for a name that is empty, too long, or holds anything that does not print */
export function checkTokenName(name: string): void {
  if (name.length <= tokenNameMaxLength && printable.test(name) && name.trim() === name) return;
  const rule = `1 to ${tokenNameMaxLength} printable characters without spaces at the ends`;
  throw createError("invalid_argument", `a token's name must have ${rule}`);
}

/** @throws `invalid_argument` for what a token cannot be, `invalid_name` for what cannot be an environment's name */
export function checkNewToken(token: NewToken, nowSeconds: number): void {
  checkTokenName(token.name);
  checkAccess(token);
  const { endsAtSeconds, note } = token;
  if (endsAtSeconds !== undefined && !(endsAtSeconds > nowSeconds && endsAtSeconds < 1e11)) {
    throw createError(
      "invalid_argument",
      `a token's end is ${endsAtSeconds}, it must be a later time, in Unix seconds`,
    );
  }
  if (note !== undefined && !(note.length <= tokenNoteMaxLength && printable.test(note))) {
    const rule = `1 to ${tokenNoteMaxLength} printable characters on one line`;
    throw createError("invalid_argument", `a token's note must have ${rule}`);
  }
}

function checkAccess({ role = "admin", environments }: NewToken): void {
  if (!roles.includes(role)) {
    throw createError(
      "invalid_argument",
      `a token's role is '${role}', it must be one of ${roles.join(", ")}`,
    );
  }
  if (environments === undefined) return;
  if (role === "admin") {
    const message =
      "an admin token cannot be limited to environments; give it the role read-write or read-only";
    throw createError("invalid_argument", message);
  }
  if (environments.length === 0 || environments.length > tokenEnvironmentsMax) {
    const message = `a token is limited to ${environments.length} environments, it must be 1 to ${tokenEnvironmentsMax}`;
    throw createError("invalid_argument", message);
  }
  for (const name of environments) checkEnvironmentName(name);
}
