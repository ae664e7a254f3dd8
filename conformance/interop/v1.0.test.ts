import { interopSuite } from "./interop-suite.ts";

interopSuite("v1.0");
