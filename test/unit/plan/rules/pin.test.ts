import { describeRule } from "./support.js";

describeRule("pin");
