import { Parser } from "xml2js";
import { DroverError } from "../base/error.js";
import { XmlElement, type XmlNode } from "./element.js";

/**
 * Reads a document. Everything in its root element is kept: order, whitespace, comments, CDATA, namespaces.
 *
 * xml2js reads it, told to keep the order of siblings of different names and all text: in `<metadata>`, which libvirt
 * stores as it comes, both matter. Comments and CDATA, which xml2js drops, travel through it as empty elements.
 *
 * @param rootName what the document has to be, such as `domain`
 * @throws DroverError when the text is not well-formed or has a document type (libvirt's documents never do).
 */
export function parseXml(text: string, rootName?: string): XmlElement {
  const { source, markups } = prepare(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const outcome: { error?: Error | null; root?: unknown } = {};
  const parser = new Parser({
    strict: true, explicitRoot: false, explicitChildren: true, preserveChildrenOrder: true,
    charsAsChildren: true, includeWhiteChars: true, attrkey: "$", childkey: "$$", charkey: "#text",
  });
  try {
    parser.parseString(source, (error, root: unknown) => {
      outcome.error = error;
      outcome.root = root;
    });
  } catch (error) {
    // xml2js stumbles over some malformed texts (such as a lone "<" behind the root) before it can report them.
    throw malformed("it is not well-formed", error);
  }
  const { error, root } = outcome;
  if (error !== null && error !== undefined) throw malformed(error.message.replace(/\n/g, ", "), error);
  if (!isParsed(root)) throw malformed("the document is empty or not closed");
  if (rootName !== undefined && root["#name"] !== rootName) throw malformed(`its root is <${root["#name"]}>, expected <${rootName}>`);
  return toElement(root, markups);
}

/** A node as xml2js gives it under the options above. */
interface Parsed {
  readonly "#name": string;
  readonly $?: Readonly<Record<string, string>>;
  readonly $$?: readonly Parsed[];
  readonly "#text"?: string;
}

function isParsed(value: unknown): value is Parsed {
  return typeof value === "object" && value !== null && "#name" in value;
}

function toElement(parsed: Parsed, markups: ReadonlyMap<string, XmlNode>): XmlElement {
  const made = new XmlElement(parsed["#name"]);
  for (const [name, value] of Object.entries(parsed.$ ?? {})) made.attributes.set(name, value);
  for (const child of parsed.$$ ?? []) {
    const markup = markups.get(child["#name"]);
    if (markup !== undefined) made.nodes.push(markup);
    else if (child["#name"] === "__text__") made.nodes.push({ text: child["#text"] ?? "" });
    else made.nodes.push(toElement(child, markups));
  }
  return made;
}

/** One piece of markup; text lies between the pieces. Quoted attribute values may hold `>`. */
const MARKUP = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<![^>]*>|<(?:[^<>"']|"[^"]*"|'[^']*')*>/g;

/**
 * Puts empty elements in the place of comments, CDATA and processing instructions, and turns line breaks and tabs in
 * tags into blanks, as XML demands of attribute values (a line break that is meant is written `&#10;`).
 */
function prepare(text: string): { source: string; markups: Map<string, XmlNode> } {
  const markups = new Map<string, XmlNode>();
  let prefix = "drover-markup";
  while (text.includes(prefix)) prefix += "-";
  let depth = 0;
  let roots = 0;
  let end = 0;
  const source = text.replace(MARKUP, (markup: string, offset: number) => {
    if (depth === 0 && text.slice(end, offset).trim() !== "") throw malformed("there is text outside of the root element");
    end = offset + markup.length;
    if (/^<!(?!--|\[CDATA\[)/.test(markup)) throw malformed("a document type is not accepted");
    if (/^<[!?]/.test(markup)) {
      if (depth === 0) return "";
      const name = `${prefix}${String(markups.size)}`;
      markups.set(name, { text: markup.startsWith("<![") ? markup.slice(9, -3) : "", markup });
      return `<${name}/>`;
    }
    if (depth === 0 && roots++ > 0) throw malformed("there is more than one root element");
    if (markup.startsWith("</")) depth -= 1;
    if (depth < 0) throw malformed("an element is closed that was never opened");
    if (!markup.startsWith("</") && !markup.endsWith("/>")) depth += 1;
    return markup.replace(/[\n\t]/g, " ");
  });
  if (roots > 0 && depth === 0 && text.slice(end).trim() !== "") throw malformed("there is text outside of the root element");
  return { source, markups };
}

function malformed(answer: string, cause?: unknown): DroverError {
  return new DroverError({ attempted: "read an XML document", answer, cause });
}
