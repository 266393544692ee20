import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseXml, scanXml, XmlElement } from "../../../provider/xml/index.js";

/** What the scan keeps of a document: elements, attributes, and text that is more than whitespace. */
function kept(item: XmlElement): unknown {
  const nodes = item.nodes.flatMap((node) => {
    if (node instanceof XmlElement) return [kept(node)];
    return node.text.trim() === "" ? [] : [node.text];
  });
  return [item.name, [...item.attributes], nodes];
}

const SAME: Readonly<Record<string, string>> = {
  "elements, attributes and text": "<domain type='kvm' id=\"3\">\n  <name>web &amp; co</name>\n  <vcpu current='1'>2</vcpu>\n  <on/>\n</domain>\n",
  "what stands before and behind the root": "<?xml version='1.0'?>\n<!-- <not> one -->\n<pool><name>a</name></pool>\n<!-- end -->",
  "comments, CDATA and instructions inside": "<a><!-- <b> --><c>x<![CDATA[<d> & ]]>y</c><?go on?></a>",
  "references": "<a b='&lt;&#x41;&#66;&quot;&apos;'>&gt;&amp;amp;</a>",
  "quotes of the other kind, and > in a value": `<a b='"' c="'>"><d e="/"/></a>`,
  "line breaks in tags and values": "<a\n  b='1\n2'\tc='3'\n/>",
  "namespaces": "<domain xmlns:q='urn:q'><q:arg q:v='1'/></domain>",
  "spaces around": "<a ><b /></a >",
};

describe("a document that is only looked at", () => {
  for (const [what, text] of Object.entries(SAME)) {
    it(`has all that the parser finds: ${what}`, () => {
      assert.deepEqual(kept(scanXml(text)), kept(parseXml(text)));
    });
  }

  for (const text of ["<a><b></a></b>", "<a>", "<a/><b/>", "<a>&who;</a>", "text", "<a b=1/>", "<!DOCTYPE a><a/>", ""]) {
    it(`is refused as the parser refuses it: ${text}`, () => {
      assert.throws(() => scanXml(text), /could not read an XML document/);
    });
  }

  it("is read without the parser, which would keep the spaces", () => {
    assert.equal(scanXml("<a> <b/> <c>d</c> <!-- e --> </a>").nodes.length, 2);
  });

  it("is refused when it is another document", () => {
    assert.throws(() => scanXml("<pool/>", "domain"), /its root is <pool>, expected <domain>/);
  });
});
