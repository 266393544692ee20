import { describeRule } from "./support.js";

describeRule("survive");
