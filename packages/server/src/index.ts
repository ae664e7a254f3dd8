export type { Authenticator, TokenInfo } from "./authenticator.ts";
export { Health, type HealthProblem } from "./health.ts";
export type { TlsFiles } from "./http/port.ts";
export { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
export { type FirstToken, type FirstTokenOptions, firstToken } from "./tokens/first-token.ts";
export {
  type CreatedToken,
  openTokenFile,
  type TokenFile,
  type TokenFileOptions,
} from "./tokens/token-file.ts";
