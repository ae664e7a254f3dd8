import { createError } from "@everdict/protocol";

/**
 * Checks the `ca` option.
 *
 * @throws {InvalidError} `invalid_argument` for anything but PEM text with a certificate
 */
export function certificatesIn(ca: string): string {
  if (/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(ca)) return ca;
  const what = /-----BEGIN [A-Z ]*KEY-----/.test(ca)
    ? "holds a key and no certificate"
    : "holds no certificate: it is PEM text, with -----BEGIN CERTIFICATE-----, not the path of a file";
  throw createError(
    "invalid_argument",
    `the ca option ${what}. Read the file first: readFileSync(path, "utf8")`,
  );
}
