import { interopSuite } from "./interop-suite.ts";

interopSuite("newest");
