import { describeRule } from "./support.js";

describeRule("fence");
