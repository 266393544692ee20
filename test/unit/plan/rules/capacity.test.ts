import { describeRule } from "./support.js";

describeRule("capacity");
