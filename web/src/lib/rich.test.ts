import { describe, expect, it } from "vitest";
import { pieces } from "./rich";

const kinds = (text: string) => pieces(text).map((piece) => `${piece.kind}:${piece.text}`);

describe("what people write", () => {
  it("is text where nothing is found", () => {
    expect(kinds("Just words, 3 of them.")).toEqual(["text:Just words, 3 of them."]);
    expect(kinds("")).toEqual([]);
  });

  it("has links without the marks that end a sentence", () => {
    expect(kinds("See https://example.org/a_(b). Or (http://x.example)!")).toEqual([
      "text:See ",
      "link:https://example.org/a_(b)",
      "text:. Or (",
      "link:http://x.example",
      "text:)!",
    ]);
  });

  it("never makes links of other schemes", () => {
    expect(kinds("javascript:alert(1) data:text/html,x")).toEqual([
      "text:javascript:alert(1) data:text/html,x",
    ]);
  });

  it("has times, but not in other numbers", () => {
    expect(kinds("0:00 Intro\n1:02:03 End")).toEqual([
      "time:0:00",
      "text: Intro\n",
      "time:1:02:03",
      "text: End",
    ]);
    expect(kinds("ratio 16:9, at 12:99, 1:2:3:4")).toEqual(["text:ratio 16:9, at 12:99, 1:2:3:4"]);
  });

  it("has names, but not in mail addresses", () => {
    expect(kinds("Thanks @Asha.")).toEqual(["text:Thanks ", "name:@Asha", "text:."]);
    expect(kinds("mail a@example.org")).toEqual(["text:mail a@example.org"]);
  });
});
