import { beforeEach, describe, expect, it } from "vitest";
import { lastRead, ScrollAnchor, type Line } from "./scroll";

const HIGH = 100;

/** Lines of 100 pixels each. */
let lines: { -readonly [key in keyof Line]: Line[key] }[];
let list: { scrollTop: number; scrollHeight: number; clientHeight: number };
let anchor: ScrollAnchor;

function lay(...heights: number[]): void {
  lines = heights.map((offsetHeight) => ({ offsetTop: 0, offsetHeight, isConnected: true }));
  place();
}
function place(): void {
  let top = 0;
  for (const line of lines) {
    line.offsetTop = top;
    top += line.offsetHeight;
  }
  list.scrollHeight = top;
}
function scroll(to: number, live = true): void {
  list.scrollTop = to;
  anchor.scrolled(list, lines, live);
}

beforeEach(() => {
  anchor = new ScrollAnchor();
  list = { scrollTop: 0, scrollHeight: 0, clientHeight: 200 };
  lay(...Array<number>(10).fill(HIGH));
});

describe("scroll", () => {
  it("stays at the end while more comes", () => {
    anchor.hold(list);
    expect(list.scrollTop).toBe(1000);
    list.scrollHeight = 1100;
    anchor.hold(list);
    expect(list.scrollTop).toBe(1100);
  });

  it("leaves a reader further up alone when more comes below", () => {
    scroll(350);
    lines.push({ ...lines[0]! });
    place();
    anchor.hold(list);
    expect([anchor.atEnd, list.scrollTop]).toEqual([false, 350]);
  });

  it("keeps the lines in place when something above them comes, grows or goes", () => {
    scroll(350);
    lines.unshift({ ...lines[0]!, offsetHeight: 500 });
    place();
    anchor.hold(list);
    expect(list.scrollTop).toBe(850);
    lines[1]!.offsetHeight += 30;
    place();
    anchor.hold(list);
    expect(list.scrollTop).toBe(880);
    lines.shift();
    place();
    anchor.hold(list);
    expect(list.scrollTop).toBe(380);
  });

  it("is left where it is when the line that was looked at is gone", () => {
    scroll(350);
    lines[3]!.isConnected = false;
    lines[3]!.offsetTop = 0;
    anchor.hold(list);
    expect(list.scrollTop).toBe(350);
  });

  it("does not stay at the end of what is not the end of the conversation", () => {
    scroll(800, false);
    expect([anchor.atEnd, anchor.nearBottom(list, false)]).toEqual([false, true]);
    list.scrollHeight = 1500;
    anchor.hold(list);
    expect(list.scrollTop).toBe(800);
  });

  it("shows a line in the middle or near the top", () => {
    anchor.show(list, lines[5]!);
    expect([anchor.atEnd, list.scrollTop]).toEqual([false, 450]);
    anchor.show(list, lines[5]!, "top");
    expect(list.scrollTop).toBe(480);
    anchor.toEnd(list);
    expect([anchor.atEnd, list.scrollTop]).toEqual([true, 1000]);
  });

  it("goes by screens, and some of each stays in view", () => {
    scroll(500);
    anchor.turn(list, -1);
    expect(list.scrollTop).toBe(348);
    anchor.turn(list, 1);
    expect(list.scrollTop).toBe(500);
  });

  it("says which line somebody has read to its end", () => {
    const read = (scrollTop: number) => lines.indexOf(lastRead({ ...list, scrollTop }, lines)!);
    expect([0, 50, 99.5, 100, 800].map(read)).toEqual([1, 1, 2, 2, 9]);
    lay(300, 100);
    expect([99, 98.5].map(read)).toEqual([0, -1]);
  });

  it("says when more is to be shown, where the reader goes", () => {
    const near = (full = true) => [anchor.nearTop(list, full), anchor.nearBottom(list, full)];
    lay(...Array<number>(40).fill(HIGH));
    scroll(2000);
    expect(near()).toEqual([false, false]);
    scroll(700);
    expect(near()).toEqual([true, false]);
    scroll(750);
    expect(near()).toEqual([false, false]);
    scroll(3100);
    expect(near()).toEqual([false, true]);
    list.scrollHeight += 500;
    expect(near()).toEqual([false, false]);
  });

  it("calls for both sides of what it shows, until that is enough", () => {
    anchor.show(list, lines[5]!);
    const near = (full: boolean) => [anchor.nearTop(list, full), anchor.nearBottom(list, full)];
    expect([near(false), near(true)]).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});
