import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSetUp } from "./is-set-up.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A certificate with its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The paths of a certificate and of its key. */
export interface CertificateFiles {
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

const ownNames = "DNS:localhost,IP:127.0.0.1";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Whether certificates can be made, as `isSetUp` decides: Node cannot make one itself. */
export function opensslIsSetUp(): boolean {
  const isThere = spawnSync("openssl", ["version"]).status === 0;
  return isSetUp({ part: "openssl", isThere, remedy: "apt-get install openssl, or brew install openssl" });
}

/** Makes a certificate for some names (`DNS:a,IP:b`) that nobody signed but itself, in two files. Returns its fingerprint. */
export function writeCertificate(files: CertificateFiles, names = ownNames): string {
  const subject = ["-subj", "/CN=everdict test", "-addext", `subjectAltName=${names}`, "-days", "2"];
  openssl("req", "-x509", ...newKey, ...subject, ...output(files));
  return new X509Certificate(readFileSync(files.cert)).fingerprint256;
}

/** Makes a certificate for `localhost` and 127.0.0.1 that nobody signed but itself. */
export function selfSignedCertificate(): Certificate {
  using directory = temporaryDirectory();
  const files = filesIn(directory.path, "self");
  writeCertificate(files);
  return read(files);
}

/** Makes certificates. Takes about a tenth of a second. */
export function makeCertificates(): Certificates {
  using directory = temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  const authority = filesIn(directory.path, "authority");
  openssl("req", "-x509", ...newKey, "-days", "2", "-subj", "/CN=authority", ...output(authority));
  const sign = (name: string, days: string, names: string): Certificate => {
    const files = filesIn(directory.path, name);
    writeFileSync(at("names"), `subjectAltName=${names}\n`);
    openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", files.key, "-out", at("request"));
    const input = ["-req", "-in", at("request"), "-extfile", at("names"), "-days", days];
    const signer = ["-CA", authority.cert, "-CAkey", authority.key, "-CAcreateserial"];
    openssl("x509", ...input, ...signer, "-out", files.cert);
    return read(files);
  };
  return {
    authority: read(authority),
    signed: sign("signed", "2", ownNames),
    expired: sign("expired", "-1", ownNames),
    otherName: sign("other", "2", "DNS:other.example"),
    selfSigned: selfSignedCertificate(),
  };
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "ignore" });
}

function filesIn(directory: string, name: string): CertificateFiles {
  return { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
}

function output({ cert, key }: CertificateFiles): string[] {
  return ["-keyout", key, "-out", cert];
}

function read({ cert, key }: CertificateFiles): Certificate {
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}
