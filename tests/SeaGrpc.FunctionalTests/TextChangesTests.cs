using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

public sealed class TextChangesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("", "all new")]
    [InlineData("all gone", "")]
    [InlineData("your details stay private today", "your details stay public today")]
    [InlineData("one two three", "two three four")]
    [InlineData("😀 a 😀 b", "😀 c 😀 d 😀")]
    [InlineData("aaa bbb ccc", "ccc bbb aaa")]
    public void Replacing_the_spans_in_the_draft_gives_the_text(string draft, string text)
    {
        int[] before = CodePoints(draft);
        int[] after = CodePoints(text);
        var rebuilt = new List<int>();
        int at = 0;
        foreach (ChangedSpan span in TextChanges.Between(draft, text))
        {
            rebuilt.AddRange(before[at..span.DraftStart]);
            Assert.Equal(rebuilt.Count, span.Start);
            rebuilt.AddRange(after[span.Start..span.End]);
            at = span.DraftEnd;
        }

        rebuilt.AddRange(before[at..]);
        Assert.Equal(after, rebuilt);
    }

    [Fact]
    public void A_word_that_changed_is_one_span_of_its_own()
    {
        Assert.Equal(
            new ChangedSpan { Start = 2, End = 8, DraftStart = 2, DraftEnd = 9 },
            Assert.Single(TextChanges.Between("😀 private 😀", "😀 public 😀")));
    }

    private static int[] CodePoints(string text) => [.. text.EnumerateRunes().Select(rune => rune.Value)];
}
