import { describeRule } from "./support.js";

describeRule("quota");
