import { describeRule } from "./support.js";

describeRule("separate");
