import { commandSuite } from "./command-suite.ts";

commandSuite("v0.74");
