import { describeRule } from "./support.js";

describeRule("cpu");
