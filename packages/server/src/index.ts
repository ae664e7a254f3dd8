export type { CreatedToken, NewToken, TokenAdmin, TokenInfo } from "@everdict/protocol";
export type { Authenticator } from "./authenticator.ts";
export { Health, type HealthProblem } from "./health.ts";
export { isLoopback } from "./http/own-addresses.ts";
export type { TlsFiles } from "./http/port.ts";
export type { Site, SiteFile } from "./http/site.ts";
export { announceLocalServer, findLocalServer, type LocalServer } from "./local/local-server.ts";
export { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
export { type FirstToken, type FirstTokenOptions, firstToken } from "./tokens/first-token.ts";
export {
  openTokenFile,
  type TokenFile,
  type TokenFileOptions,
} from "./tokens/token-file.ts";
