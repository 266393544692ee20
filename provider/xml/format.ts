import { XmlElement, type XmlNode } from "./element.js";

/**
 * Writes an element as text, the inverse of `parseXml`. What was read comes out with its own whitespace;
 * an element without any text between its children is indented by two blanks.
 * @throws RangeError when a name or a text holds what XML can not express, such as a NUL.
 */
export function formatXml(root: XmlElement): string {
  return formatElement(root, 0);
}

function formatElement(item: XmlElement, depth: number): string {
  checkName(item.name);
  const attributes = [...item.attributes].map(([name, value]) => {
    checkName(name);
    return ` ${name}='${escape(value, /[&<>'"\n\t\r]/g)}'`;
  });
  const open = `<${item.name}${attributes.join("")}`;
  if (item.nodes.length === 0) return `${open}/>`;
  return `${open}>${formatContent(item.nodes, depth)}</${item.name}>`;
}

function formatContent(nodes: readonly XmlNode[], depth: number): string {
  if (nodes.every((node) => node instanceof XmlElement)) {
    const indent = `\n${"  ".repeat(depth + 1)}`;
    return `${nodes.map((node) => indent + formatElement(node, depth + 1)).join("")}\n${"  ".repeat(depth)}`;
  }
  return nodes.map((node) => {
    if (node instanceof XmlElement) return formatElement(node, depth + 1);
    return node.markup ?? escape(node.text, /[&<>\r]/g);
  }).join("");
}

const REFERENCES: ReadonlyMap<string, string> = new Map([["&", "&amp;"], ["<", "&lt;"], [">", "&gt;"], ["'", "&apos;"], ['"', "&quot;"]]);

function escape(text: string, special: RegExp): string {
  // XML 1.0, production [2]: tab, line feed, carriage return and everything from the blank on but surrogates, U+FFFE and U+FFFF.
  if (/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(text)) {
    throw new RangeError(`XML can not express the text ${JSON.stringify(text)}`);
  }
  return text.replace(special, (character) => REFERENCES.get(character) ?? `&#${String(character.charCodeAt(0))};`);
}

function checkName(name: string): void {
  if (!/^[\p{L}_:][\p{L}\p{N}\p{M}_:.\u00B7-]*$/u.test(name)) throw new RangeError(`${JSON.stringify(name)} is no XML name`);
}
