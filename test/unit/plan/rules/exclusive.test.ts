import { describeRule } from "./support.js";

describeRule("exclusive");
