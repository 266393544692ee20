import { describeRule } from "./support.js";

describeRule("reach");
