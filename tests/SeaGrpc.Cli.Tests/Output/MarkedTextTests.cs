using SeaGrpc.Cli.Output;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Tests.Output;

public sealed class MarkedTextTests
{
    [Theory]
    [InlineData("a b c", "a b c", "a b c")]
    [InlineData("a x c", "a b c", "a [x] c")]
    [InlineData("x a b c", "a b c", "[x] a b c")]
    [InlineData("a b", "", "[a] [b]")]
    [InlineData("", "a b", "")]
    public void Marks_the_words_that_the_draft_does_not_have(string text, string draft, string expected) =>
        Assert.Equal(expected, MarkedText.FromDraft(text, draft).ToString());

    [Fact]
    public void Spans_count_code_points() =>
        Assert.Equal("😀 [é😀] z", MarkedText.FromSpans("😀 é😀 z", [new ChangedSpan { Start = 2, End = 4 }]).ToString());

    [Fact]
    public void Spans_outside_the_text_are_cut_to_it() =>
        Assert.Equal(
            "a[b]",
            MarkedText.FromSpans("ab", [new ChangedSpan { Start = 1, End = 9 }, new ChangedSpan { Start = 9, End = 3 }]).ToString());

    [Fact]
    public void A_terminal_gets_no_control_characters() => Assert.Equal(
        "a\uFFFD[2J\nb\uFFFD\uFFFDc\u200D", MarkedText.Printable("a\u001b[2J\nb\u2028\u202Ec\u200D"));
}
