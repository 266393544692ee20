/** libvirt's documents: read, written, and patched where we manage something, with all the rest kept. No I/O. */
export { XmlElement, element, type XmlNode, type XmlText } from "./element.js";
export { parseXml } from "./parse.js";
export { formatXml } from "./format.js";
export { MARK_KEY, MARK_URI, formatMark, parseMark, type Json, type Mark } from "./mark.js";
