/** Text, a CDATA section, a comment or a processing instruction. */
export interface XmlText {
  /** The characters that it stands for; empty for a comment or a processing instruction. */
  readonly text: string;
  /** How it is written where that is more than escaped text: `<!-- … -->`, `<![CDATA[…]]>`, `<?…?>`. */
  readonly markup?: string;
}

export type XmlNode = XmlElement | XmlText;

/** Makes an element; attributes that are `undefined` and children that are `undefined` are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  content: string | readonly (XmlElement | undefined)[] = [],
): XmlElement {
  const made = new XmlElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.attributes.set(key, String(value));
  }
  if (typeof content === "string") made.setText(content);
  else made.nodes.push(...content.filter((child) => child !== undefined));
  return made;
}

/**
 * An element of a libvirt document: its attributes and everything in it, in order, nothing lost.
 * Names are as written, with their prefix (`qemu:arg`).
 *
 * @example
 * const domain = parseXml(text);
 * domain.find("os", "type")?.attr("machine");          // "pc-q35-7.2"
 * domain.ensure("title").setText("web server");
 */
export class XmlElement {
  readonly attributes = new Map<string, string>();
  readonly nodes: XmlNode[] = [];

  constructor(readonly name: string) {}

  attr(name: string): string | undefined {
    return this.attributes.get(name);
  }

  /** Sets an attribute, or takes it away with `undefined`. */
  setAttr(name: string, value: string | number | undefined): this {
    if (value === undefined) this.attributes.delete(name);
    else this.attributes.set(name, String(value));
    return this;
  }

  /** The child elements, of one name or all. */
  children(name?: string): XmlElement[] {
    return this.nodes.filter((node): node is XmlElement => node instanceof XmlElement && (name === undefined || node.name === name));
  }

  child(name: string): XmlElement | undefined {
    return this.children(name)[0];
  }

  /** The first element down a path of names. */
  find(...path: readonly string[]): XmlElement | undefined {
    return path.reduce<XmlElement | undefined>((at, name) => at?.child(name), this);
  }

  /** The element's own characters, as they are, those of its children not included. */
  get text(): string {
    return this.nodes.map((node) => (node instanceof XmlElement ? "" : node.text)).join("");
  }

  /** Replaces the text and keeps child elements and comments. Does nothing when it is the same already. */
  setText(text: string): this {
    if (this.text === text) return this;
    this.#keep((node) => node instanceof XmlElement || (node.markup !== undefined && node.text === ""));
    if (text !== "") this.nodes.unshift({ text });
    return this;
  }

  /** Adds a child behind its namesakes, else as the last one, in the document's own indentation. */
  append(child: XmlElement): this {
    const lastNamesake = this.nodes.findLastIndex((node) => node instanceof XmlElement && node.name === child.name);
    const lastElement = this.nodes.findLastIndex((node) => node instanceof XmlElement);
    const at = (lastNamesake >= 0 ? lastNamesake : lastElement) + 1;
    const [indentation] = this.nodes;
    const isIndented = indentation !== undefined && isWhitespace(indentation) && this.nodes.length > 1;
    this.nodes.splice(at, 0, ...(isIndented ? [indentation, child] : [child]));
    return this;
  }

  /** Adds a child where `present` says so and it is missing, takes all of that name away where not. */
  setPresent(name: string, present: boolean): this {
    if (present) this.ensure(name);
    else this.removeAll(name);
    return this;
  }

  /** The first child of a name, made when it is missing. */
  ensure(name: string): XmlElement {
    const found = this.child(name);
    if (found !== undefined) return found;
    const made = new XmlElement(name);
    this.append(made);
    return made;
  }

  /** Puts `next` into the place of `old`, which is a child of this element. */
  replace(old: XmlElement, next: XmlElement): this {
    this.nodes.splice(this.#indexOf(old), 1, next);
    return this;
  }

  /** Takes a child away, with the indentation before it. */
  remove(child: XmlElement): this {
    const at = this.#indexOf(child);
    const before = this.nodes[at - 1];
    const isIndented = before !== undefined && isWhitespace(before);
    this.nodes.splice(isIndented ? at - 1 : at, isIndented ? 2 : 1);
    return this;
  }

  removeAll(name: string): this {
    for (const child of this.children(name)) this.remove(child);
    return this;
  }

  clone(): XmlElement {
    const copy = new XmlElement(this.name);
    for (const [name, value] of this.attributes) copy.attributes.set(name, value);
    copy.nodes.push(...this.nodes.map((node) => (node instanceof XmlElement ? node.clone() : node)));
    return copy;
  }

  #indexOf(child: XmlElement): number {
    const at = this.nodes.indexOf(child);
    if (at < 0) throw new RangeError(`<${child.name}> is no child of this <${this.name}>`);
    return at;
  }

  #keep(wanted: (node: XmlNode) => boolean): void {
    const kept = this.nodes.filter(wanted);
    this.nodes.splice(0, this.nodes.length, ...kept);
  }
}

/** The part of a name behind its prefix: `arg` of `qemu:arg`. */
export function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function isWhitespace(node: XmlNode): boolean {
  return !(node instanceof XmlElement) && node.markup === undefined && node.text.trim() === "";
}
