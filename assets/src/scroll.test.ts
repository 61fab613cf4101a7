import { describe, expect, it } from "vitest";
import { Tail } from "./scroll";

describe("scroll", () => {
  const list = (scrollTop: number, scrollHeight = 1000) => ({ scrollTop, scrollHeight, clientHeight: 200 });

  it("stays at the end while more comes", () => {
    const tail = new Tail();
    const it = list(0);
    tail.updated(it, "a");
    expect(it.scrollTop).toBe(1000);
    it.scrollHeight = 1100;
    tail.updated(it, "a");
    expect(it.scrollTop).toBe(1100);
  });

  it("leaves a reader further up alone, and keeps the lines in place when earlier ones come", () => {
    const tail = new Tail();
    const it = list(0);
    tail.updated(it, "b");
    it.scrollTop = 300;
    tail.scrolled(it);
    expect(tail.atEnd).toBe(false);
    it.scrollHeight = 1050;
    tail.updated(it, "b");
    expect(it.scrollTop).toBe(300);
    it.scrollHeight = 1550;
    tail.updated(it, "a");
    expect(it.scrollTop).toBe(800);
    tail.toEnd(it);
    expect(tail.atEnd).toBe(true);
  });
});
