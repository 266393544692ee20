import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DroverError } from "../../../provider/base/error.js";
import { element, formatXml, parseXml, XmlElement, type XmlNode } from "../../../provider/xml/index.js";
import { documentKinds, documents, skipDocuments } from "./documents.js";

describe("parseXml and formatXml", () => {
  it("keep order, white space, comments, CDATA, instructions and namespaces", () => {
    const text = "<d xmlns:q='u'><!-- a > b --><n><![CDATA[<x>&]]> t\n</n><q:arg v='1'/>mixed <b>é😀</b><c/><b/> tail <?pi x?></d>";
    assert.equal(formatXml(parseXml(text)), text);
  });

  it("read CDATA as text", () => {
    assert.equal(parseXml("<n>a<![CDATA[<&>]]>b<!-- no --></n>").text, "a<&>b");
  });

  it("tell a line break that is meant in an attribute from one that is layout", () => {
    const item = parseXml("<a v='1&#10;2&#9;3\n4' w=\"x > '\"\n  u=''/>");
    assert.equal(item.attr("v"), "1\n2\t3 4");
    assert.equal(item.attr("w"), "x > '");
    assert.equal(formatXml(item), "<a v='1&#10;2&#9;3 4' w='x &gt; &apos;' u=''/>");
  });

  it("normalize line ends as XML does, and keep a carriage return that is meant", () => {
    assert.equal(parseXml("<a>x\r\ny\rz&#13;</a>").text, "x\ny\nz\r");
    assert.equal(formatXml(parseXml("<a>z&#13;</a>")), "<a>z&#13;</a>");
  });

  it("skip what stands before and after the root", () => {
    assert.equal(formatXml(parseXml("\uFEFF<?xml version='1.0'?>\n<!-- x --><a/>\n<!-- y -->\n")), "<a/>");
  });

  for (const bad of ["", " ", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "x<a/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&x;</a>", "<a b=c/>", "<!-- a", "<a><![CDATA[x</a>", "</a>"]) {
    it(`refuse ${JSON.stringify(bad)}`, () => {
      assert.throws(() => parseXml(bad), DroverError);
    });
  }

  it("refuse another root than expected", () => {
    assert.throws(() => parseXml("<network/>", "domain"), /its root is <network>, expected <domain>/);
  });

  it("refuse to write what XML can not express", () => {
    assert.throws(() => formatXml(element("a", {}, "\0")), RangeError);
    assert.throws(() => formatXml(element("a b")), RangeError);
    assert.throws(() => formatXml(element("a", { "b><c": 1 })), RangeError);
  });

  it("indent what has no text of its own", () => {
    assert.equal(formatXml(element("a", {}, [element("b", { c: 1 }, "x"), element("d")])), "<a>\n  <b c='1'>x</b>\n  <d/>\n</a>");
  });

  it("bring back any tree", () => {
    fc.assert(fc.property(anyElement, (item) => {
      assert.deepEqual(plain(parseXml(formatXml(item))), plain(item));
    }));
  });

  it("give an element or an error for any text", () => {
    const pieces = fc.array(fc.constantFrom("<", ">", "a", "/", "'", '"', "=", " ", "&", "&amp;", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<a>", "</a>", "\n", "é"), { maxLength: 30 });
    fc.assert(fc.property(pieces, (parts) => {
      try {
        const read = parseXml(parts.join(""));
        assert.equal(formatXml(parseXml(formatXml(read))), formatXml(read));
      } catch (error) {
        if (!(error instanceof DroverError)) throw error;
      }
    }), { numRuns: 2000 });
  });

  for (const kind of documentKinds()) {
    it(`lose nothing of libvirt's ${kind}`, () => {
      for (const { name, text } of documents(kind)) {
        const read = parseXml(text);
        assert.deepEqual(plain(parseXml(formatXml(read))), plain(read), name);
      }
    });
  }
  it("had libvirt's documents to read", { skip: skipDocuments }, () => {
    assert.ok(documents("domains").length > 0);
  });
});

describe("XmlElement", () => {
  it("adds behind namesakes with the document's indentation, and takes away without a trace", () => {
    const text = "<d>\n  <a/>\n  <b/>\n</d>";
    const root = parseXml(text);
    const added = element("a", { n: 2 });
    root.append(added);
    assert.equal(formatXml(root), "<d>\n  <a/>\n  <a n='2'/>\n  <b/>\n</d>");
    root.remove(added);
    assert.equal(formatXml(root), text);
  });

  it("keeps children when the text changes", () => {
    const root = parseXml("<a>old<b/><!-- c --></a>");
    assert.equal(formatXml(root.setText("new")), "<a>new<b/><!-- c --></a>");
  });

  it("clones deeply", () => {
    const root = parseXml("<a><b c='1'/></a>");
    root.clone().child("b")?.setAttr("c", 2);
    assert.equal(root.child("b")?.attr("c"), "1");
  });
});

const xmlName = fc.stringMatching(/^[a-zé_][a-z0-9_.-]{0,6}$/).filter((name) => name !== "__proto__");
const xmlText = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, ""));
const anyElement = fc.letrec<{ item: XmlElement }>((tie) => ({
  item: fc.tuple(xmlName, fc.dictionary(xmlName, xmlText, { maxKeys: 3 }), fc.array(fc.oneof({ depthSize: "small" }, xmlText.filter((text) => text !== ""), tie("item")), { maxLength: 4 }))
    .map(([name, attributes, nodes]) => {
      const made = element(name, attributes);
      made.nodes.push(...nodes.map((node): XmlNode => (typeof node === "string" ? { text: node } : node)));
      return made;
    }),
})).item;

/** Two texts side by side are one; layout between elements is none where there is nothing else. */
function plain(item: XmlElement): unknown {
  const nodes: unknown[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") nodes.push(text);
    text = "";
  };
  for (const node of item.nodes) {
    if (node instanceof XmlElement) {
      flush();
      nodes.push(plain(node));
    } else {
      text += node.text;
    }
  }
  flush();
  const isLayout = nodes.every((node) => typeof node !== "string" || node.trim() === "") && item.children().length > 0;
  return [item.name, Object.fromEntries(item.attributes), isLayout ? nodes.filter((node) => typeof node !== "string") : nodes];
}
