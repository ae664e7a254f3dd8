import { fileURLToPath } from "node:url";

/** The folder of the whole project; this file lies as deep in `src` as its compiled form in `dist`. */
export const repositoryRoot: string = fileURLToPath(new URL("../../..", import.meta.url));
