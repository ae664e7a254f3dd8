import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:tls";

/** Node cannot make a certificate itself. */
export const canMakeCertificates = spawnSync("openssl", ["version"]).status === 0;

/** Where a certificate and its key are. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate for some names, `DNS:a,IP:b`, that nobody signed but itself. Answers its fingerprint. */
export function makeCertificate({ cert, key }: CertificateFiles, names: string): string {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const subject = ["-subj", "/CN=everdict", "-addext", `subjectAltName=${names}`, "-days", "2"];
  const command = ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert];
  execFileSync("openssl", command, { stdio: "ignore" });
  return new X509Certificate(readFileSync(cert)).fingerprint256;
}

/** The fingerprint of the certificate that a server shows to a new connection. */
export async function shownCertificate(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "none");
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
