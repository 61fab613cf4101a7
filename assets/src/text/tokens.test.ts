import { describe, expect, it } from "vitest";
import { remaining, tokens } from "./tokens";

const link = (text: string, href = text) => ({ kind: "link", text, href });
const text = (words: string) => ({ kind: "text", text: words });

describe("tokens", () => {
  it("leaves markup as the text that it is", () => {
    expect(tokens('<img src=x onerror="alert(1)">')).toEqual([text('<img src=x onerror="alert(1)">')]);
  });

  it.each([
    ["see http://a.b/c now", [text("see "), link("http://a.b/c"), text(" now")]],
    ["(see http://a.b/c).", [text("(see "), link("http://a.b/c"), text(").")]],
    ["http://a.b/c_(d)", [link("http://a.b/c_(d)")]],
    ["http://a.b/c?d=e&f=g#h!", [link("http://a.b/c?d=e&f=g#h"), text("!")]],
    ["HTTPS://A.B/C", [link("HTTPS://A.B/C", "https://a.b/C")]],
    ["http://[fe80::1]:8080/x", [link("http://[fe80::1]:8080/x")]],
    ["<http://a.b/>", [text("<"), link("http://a.b/"), text(">")]],
    ["http://a.b/ http://c.d/", [link("http://a.b/"), text(" "), link("http://c.d/")]],
  ])("finds the links in %j", (words, found) => {
    expect(tokens(words)).toEqual(found);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "https://?", "xhttp://a.b", "www.a.b"])(
    "makes no link of %j",
    (words) => {
      expect(tokens(words).some(({ kind }) => kind === "link")).toBe(false);
    },
  );

  it("keeps line breaks, also empty lines", () => {
    expect(tokens("a\n\nb\r\nc")).toEqual([
      text("a"),
      { kind: "break" },
      { kind: "break" },
      text("b"),
      { kind: "break" },
      text("c"),
    ]);
  });

  it("loses no character", () => {
    const words = "((http://a.b/)))\n[x](https://c.d/e). http://… ‮txt";
    const joined = tokens(words).map((token) => (token.kind === "break" ? "\n" : token.text));
    expect(joined.join("")).toBe(words.replace("\u202e", "\ufffd"));
  });

  it("reads the longest message quickly, whatever is in it", () => {
    const started = performance.now();
    for (const piece of ["http://a)", ")", "http://", "("]) tokens("http://a" + piece.repeat(4000 / piece.length));
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("signs that turn letters around", () => {
  it("are shown and do nothing", () => {
    expect(tokens("a\u202egpj.exe")).toEqual([{ kind: "text", text: "a\ufffdgpj.exe" }]);
  });

  it("are in no address", () => {
    expect(tokens("http://a.b/\u2067evil")).toEqual([
      { kind: "link", text: "http://a.b/", href: "http://a.b/" },
      { kind: "text", text: "\u2067evil" },
    ]);
  });
});

describe("remaining", () => {
  it("says nothing while the limit is far", () => {
    expect(remaining("x".repeat(3000), 4000)).toBeNull();
    expect(remaining("x", Infinity)).toBeNull();
  });

  it("counts code points, as the node does", () => {
    expect(remaining("x".repeat(3900), 4000)).toBe(100);
    expect(remaining("🎉".repeat(4000), 4000)).toBe(0);
    expect(remaining("🎉".repeat(4001), 4000)).toBe(-1);
  });
});

describe("mentions in a text", () => {
  const names = { me: "Ana", nicks: ["Ana", "Milo"] };

  it("are marked, and mine are told apart", () => {
    expect(tokens("hi @milo, @ana", names)).toEqual([
      text("hi "),
      { kind: "mention", text: "@milo", mine: false },
      text(", "),
      { kind: "mention", text: "@ana", mine: true },
    ]);
  });

  it("are none inside a link", () => {
    expect(tokens("http://a.b/@Ana @Ana", names)).toEqual([
      link("http://a.b/@Ana"),
      text(" "),
      { kind: "mention", text: "@Ana", mine: true },
    ]);
  });

  it("need nobody", () => {
    expect(tokens("@Ana")).toEqual([text("@Ana")]);
  });
});
