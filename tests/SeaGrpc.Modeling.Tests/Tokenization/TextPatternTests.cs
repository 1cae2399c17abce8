using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>Patterns of tokenizer.json: their dialect, and those that would never end.</summary>
public sealed class TextPatternTests : IDisposable
{
    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(@"a++b", @"(?>a+)b")]
    [InlineData(@"[^\r\n\p{L}\p{N}]?+\p{L}++", @"(?>[^\r\n\p{L}\p{N}]?)(?>\p{L}+)")]
    [InlineData(@"(?i:'s|'t)++|\p{N}{1,3}+| ?[^\s]++[\r\n]*+", @"(?>(?i:'s|'t)+)|(?:\p{N}{1,3})+| ?(?>[^\s]+)(?>[\r\n]*)")]
    [InlineData(@"((a)++b)*+", @"(?>((?>(a)+)b)*)")]
    [InlineData(@"[]+]++\]+\++", @"(?>[]+]+)\]+\++")]
    [InlineData(@"\s+(?!\S)|\s+?|x{2,}?", @"\s+(?!\S)|\s+?|x{2,}?")]
    [InlineData(@"[a++", @"[a++")]
    public void Possessive_quantifiers_become_atomic_groups(string pattern, string expected) =>
        Assert.Equal(expected, PossessiveQuantifiers.Rewrite(pattern));

    [Fact]
    public void A_possessive_quantifier_gives_nothing_back()
    {
        Assert.Empty(TextPattern.Expression("a++a").Matches("aaaa"));
        Assert.Equal([(0, 4)], TextPattern.Expression("a+a").Matches("aaaa"));
        Assert.Equal([(0, 3), (4, 6)], TextPattern.Expression(@"\p{L}++").Matches("abc de"));
    }

    [Fact]
    public void An_atomic_group_is_taken_as_it_stands() => Assert.Empty(TextPattern.Expression("(?>a+)ab").Matches("aaab"));

    [Fact]
    public void A_pattern_that_could_backtrack_for_ever_is_matched_in_linear_time_where_that_is_possible() =>
        Assert.Empty(TextPattern.Expression("(a+)+b").Matches(new string('a', 20_000)));

    [Fact]
    public void Where_it_is_not_the_text_is_refused_and_the_pattern_named()
    {
        var error = Assert.Throws<TokenizationException>(() => TextPattern.Expression("(?=(a+)+b)").Matches(new string('a', 60)).Count());
        Assert.Contains("(?=(a+)+b)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_time_of_all_matches_in_a_text_counts_together()
    {
        using var text = new PatternBudget(TimeSpan.FromMilliseconds(20)).Enter();
        var pattern = TextPattern.Expression(@"(?!b)\w");
        var error = Assert.Throws<TokenizationException>(
            () => Enumerable.Range(0, 1_000_000).Sum(_ => pattern.Matches(new string('a', 1000)).Count()));
        Assert.Contains(@"(?!b)\w", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_of_many_slow_matches_is_refused_within_its_budget()
    {
        _folder.Json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = @"(?!(?:\w+\s?)+$)\w+" },
                    ["behavior"] = "Isolated",
                },
                new JsonObject
                {
                    ["type"] = "ByteLevel",
                    ["add_prefix_space"] = false,
                    ["use_regex"] = false,
                }
            ),
        };
        var tokenizer = Tokenizer.Load(_folder.Write());
        using var text = new PatternBudget(TimeSpan.FromMilliseconds(200)).Enter();
        Assert.Throws<TokenizationException>(() => tokenizer.Encode(string.Concat(Enumerable.Repeat(new string('a', 23) + "! ", 1000))));
    }

    [Fact]
    public void A_text_of_a_call_that_is_over_ends_with_it()
    {
        var pattern = TextPattern.Expression(@"(?!b)\w");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        foreach (var end in (CallEnd[])[
            new(TimeSpan.FromMilliseconds(20), default), new(TimeSpan.FromMilliseconds(-1), default), new(null, cancelled.Token)])
        {
            using var call = end.Enter();
            Assert.Throws<OperationCanceledException>(
                () => Enumerable.Range(0, 1_000_000).Sum(_ => pattern.Matches(new string('a', 1000)).Count()));
        }

        Assert.Equal(3, pattern.Matches("aaa").Count());
        using var open = new CallEnd(null, default).Enter();
        Assert.Equal(3, pattern.Matches("aaa").Count());
    }

    [Fact]
    public void A_match_that_outlasts_its_call_is_no_fault_of_the_text()
    {
        using var call = new CallEnd(TimeSpan.FromMilliseconds(500), default).Enter();
        Assert.Throws<OperationCanceledException>(() => TextPattern.Expression("(?=(a+)+b)").Matches(new string('a', 60)).Count());
    }

    [Fact]
    public void A_tokenizer_file_may_have_them()
    {
        _folder.Json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = @"[^\s]++|\s++" },
                    ["behavior"] = "Isolated",
                    ["invert"] = false,
                },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false }),
        };
        var tokenizer = Tokenizer.Load(_folder.Write());
        Assert.Equal("abc  ab", tokenizer.Decode(tokenizer.Encode("abc  ab")));
    }
}
