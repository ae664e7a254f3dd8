/** The version of this package, as servers are told. Kept in step with package.json by a test. */
export const clientVersion = "0.1.0";
