import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { copy } from "./clipboard";

let copied: string[];
let allowed: boolean;

beforeEach(() => {
  copied = [];
  allowed = true;
  const field = { value: "", className: "", select: () => {}, remove: () => {} };
  vi.stubGlobal("HTMLElement", class {});
  vi.stubGlobal("document", {
    activeElement: null,
    body: { append: () => {} },
    createElement: () => field,
    execCommand: () => {
      if (allowed) copied.push(`selected ${field.value}`);
      return allowed;
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

it("writes to the clipboard where there is one", async () => {
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  expect(await copy("hi")).toBe(true);
  expect(copied).toEqual(["hi"]);
});

it("copies a selection on a page that came over plain http, and says when that is not allowed either", async () => {
  vi.stubGlobal("navigator", {});
  expect(await copy("hi")).toBe(true);
  expect(copied).toEqual(["selected hi"]);
  allowed = false;
  expect(await copy("hi")).toBe(false);
});
