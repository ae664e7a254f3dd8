import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TempDirectory } from "./temp-directory.ts";

/** Whether certificates can be made here: Node cannot make one itself. */
export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** A certificate for localhost that nobody signed but itself, PEM. */
export function selfSignedCertificate(): { readonly cert: Buffer; readonly key: Buffer } {
  using directory = new TempDirectory();
  const [key, cert] = [join(directory.path, "key.pem"), join(directory.path, "cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const files = ["-keyout", key, "-out", cert, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, ...files], { stdio: "ignore" });
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
