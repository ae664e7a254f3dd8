import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate with its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Certificates for `localhost` and 127.0.0.1, unless said otherwise. */
export interface Certificates {
  /** Of an authority of one's own. */
  readonly authority: Certificate;
  /** Signed by that authority. */
  readonly signed: Certificate;
  /** Signed by that authority, and over since yesterday. */
  readonly expired: Certificate;
  /** Signed by that authority, for `other.example`. */
  readonly otherName: Certificate;
  /** Signed by itself. */
  readonly selfSigned: Certificate;
}

/** Whether certificates can be made: Node cannot do it itself. */
export function opensslIsSetUp(): boolean {
  return spawnSync("openssl", ["version"]).status === 0;
}

/** Makes certificates. Takes about a tenth of a second. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "everdict-certificates-"));
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { stdio: "ignore" });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = (name: string): Certificate => ({
    cert: readFileSync(at(`${name}.pem`), "utf8"),
    key: readFileSync(at(`${name}.key`), "utf8"),
  });
  const ownNames = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const sign = (name: string, days: string, names: string): Certificate => {
    writeFileSync(at("names"), `${names}\n`);
    openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", at(`${name}.key`), "-out", at("request"));
    const authority = ["-CA", at("authority.pem"), "-CAkey", at("authority.key"), "-CAcreateserial"];
    const input = ["-req", "-in", at("request"), "-extfile", at("names"), "-days", days];
    openssl("x509", ...input, ...authority, "-out", at(`${name}.pem`));
    return files(name);
  };
  const signItself = (name: string, ...more: string[]): Certificate => {
    const output = ["-keyout", at(`${name}.key`), "-out", at(`${name}.pem`)];
    openssl("req", "-x509", ...newKey, "-days", "2", "-subj", `/CN=${name}`, ...more, ...output);
    return files(name);
  };
  try {
    return {
      authority: signItself("authority"),
      signed: sign("signed", "2", ownNames),
      expired: sign("expired", "-1", ownNames),
      otherName: sign("other", "2", "subjectAltName=DNS:other.example"),
      selfSigned: signItself("self", "-addext", ownNames),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
