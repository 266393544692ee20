import { describeRule } from "./support.js";

describeRule("gather");
