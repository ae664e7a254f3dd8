/**
 * The addresses by which clients reach this server: the one that is shown to them, and those that a request may name.
 *
 * A page that repeated any `Host` of a request could show another server's address as the one to send tokens to.
 */

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import type { TlsFiles } from "./port.ts";

/** Where a server listens, and how it is called. */
export interface ListeningAt {
  /** As it was given: an address, a name, or one that means all addresses. */
  readonly host: string;
  readonly tls: TlsFiles | undefined;
  /** `http://HOST` or `https://HOST`, with a port or without: where clients reach it through a proxy. */
  readonly publicUrl: string | undefined;
}

/** The addresses of a server. */
export class OwnAddresses {
  readonly #host: string;
  readonly #scheme: "http" | "https";
  readonly #publicUrl: URL | undefined;
  #certificate: X509Certificate | undefined;

  constructor({ host, tls, publicUrl }: ListeningAt) {
    this.#host = withoutBrackets(host);
    this.#scheme = tls === undefined ? "http" : "https";
    this.#publicUrl = publicUrl === undefined ? undefined : new URL(publicUrl);
    this.useCertificate(tls);
  }

  /** From now on the names in this certificate are meant. */
  useCertificate(tls: TlsFiles | undefined): void {
    this.#certificate = tls && new X509Certificate(tls.cert);
  }

  /** Where clients reach the server. For a host that means all addresses it is one that other machines can use. */
  url(port: number): string {
    return this.#publicUrl?.origin ?? `${this.#scheme}://${inUrl(this.#shownHost())}:${port}`;
  }

  /** Where programs on this machine reach the server, without going through what is in front of it. */
  localUrl(port: number): string {
    const isPlain = this.#certificate === undefined;
    const host = isPlain && meansAll(this.#host) ? "127.0.0.1" : this.#shownHost();
    return `${this.#scheme}://${inUrl(host)}:${port}`;
  }

  /** The address by which a request came, if it is one of this server's; undefined for any other. */
  urlOf(hostHeader: string | undefined): string | undefined {
    if (hostHeader === undefined) return undefined;
    if (hostHeader.toLowerCase() === this.#publicUrl?.host) return this.#publicUrl.origin;
    const match = /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(:\d{1,5})?$/.exec(hostHeader);
    if (match === null || !this.#isOwn(withoutBrackets(match[1]!).toLowerCase())) return undefined;
    return `${this.#scheme}://${hostHeader}`;
  }

  #shownHost(): string {
    const host = meansAll(this.#host) ? machineAddress() : this.#host;
    if (this.#certificate === undefined || isLoopback(host) || this.#isCertified(host)) return host;
    // Clients refuse an address that the certificate does not name.
    return certifiedName(this.#certificate) ?? host;
  }

  #isOwn(name: string): boolean {
    if (isLoopback(name) || name === this.#host.toLowerCase() || name === hostname().toLowerCase())
      return true;
    return this.#isCertified(name) || (isIP(name) !== 0 && addresses().includes(name));
  }

  #isCertified(name: string): boolean {
    const certificate = this.#certificate;
    const found = isIP(name) === 0 ? certificate?.checkHost(name) : certificate?.checkIP(name);
    return found !== undefined;
  }
}

/** Whether only programs on this machine can reach an address or a name. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** Whether listening there means every address of the machine. */
function meansAll(host: string): boolean {
  return host === "" || /^(::ffff:)?0\.0\.0\.0$/.test(host) || /^[0:]+$/.test(host);
}

/** An address of this machine by which others can reach it, as far as it has one. */
function machineAddress(): string {
  const all = addresses().filter((address) => !isLoopback(address));
  // Those of the link alone are not routed, and need the name of an interface.
  const routed = all.filter((address) => !/^(169\.254\.|fe80:)/i.test(address));
  return routed.find((address) => isIP(address) === 4) ?? routed[0] ?? "127.0.0.1";
}

function addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
}

/** The first name in a certificate that stands for one host. */
function certifiedName({ subjectAltName = "" }: X509Certificate): string | undefined {
  const names = [...subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address):([^,]+)/g)].map((match) => match[1]!);
  return names.find((name) => !name.includes("*") && !isLoopback(name));
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
