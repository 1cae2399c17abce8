using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Training.Preferences;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Lab.Tests.Training.Preferences;

public sealed class PreferenceFileTests : IDisposable
{
    private const string Good = """{"prompt": "p", "chosen": "a", "rejected": "b"}""";

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("pairs.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pair_is_read_from_a_prompt_or_messages_with_its_kind_and_split()
    {
        File.WriteAllText(
            Path,
            """
            {"prompt": "p", "chosen": "a", "rejected": "b", "kind": "k", "split": "tune", "source": {"any": 1}}

            {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}], "chosen": "a", "rejected": ""}
            {"prompt": [{"role": "user", "content": "[u]"}], "chosen": [{"role": "assistant", "content": "a"}], "rejected": "b"}
            """);
        IReadOnlyList<PreferencePair> pairs = PreferenceFile.Load(Path);
        Assert.Equal([1, 3, 4], pairs.Select(pair => pair.Line));
        Assert.Equal([new ChatMessage("user", "p")], pairs[0].Messages);
        Assert.Equal(("a", "b", "k", "tune"), (pairs[0].Chosen, pairs[0].Rejected, pairs[0].Kind, pairs[0].Split));
        Assert.Equal([new ChatMessage("system", "s"), new ChatMessage("user", "u")], pairs[1].Messages);
        Assert.Equal([new ChatMessage("user", "[u]")], pairs[2].Messages);
        Assert.Equal(("a", null), (pairs[2].Chosen, pairs[2].Kind));
    }

    [Theory]
    [InlineData("{", "it is not JSON")]
    [InlineData("[1]", "it is a JSON array, not an object")]
    [InlineData("""{"chosen": "a", "rejected": "b"}""", "it has neither prompt nor messages; add one of them")]
    [InlineData("""{"prompt": "p", "messages": [], "chosen": "a", "rejected": "b"}""", "it has both prompt and messages; leave one out")]
    [InlineData("""{"messages": [], "chosen": "a", "rejected": "b"}""", "messages must be a list of messages, not empty")]
    [InlineData("""{"messages": "p", "chosen": "a", "rejected": "b"}""", "messages must be a list of messages, not string")]
    [InlineData("""{"messages": [{"role": "user"}], "chosen": "a", "rejected": "b"}""", "a message of messages must be {\"role\"")]
    [InlineData("""{"prompt": 3, "chosen": "a", "rejected": "b"}""", "prompt must be a text or a list of messages, not number")]
    [InlineData("""{"prompt": "p", "rejected": "b"}""", "it has no chosen; add it as a text")]
    [InlineData("""{"prompt": "p", "chosen": "a", "rejected": 1}""", "rejected must be a text, not number")]
    [InlineData("""{"prompt": "p", "chosen": [], "rejected": "b"}""", "chosen must be a text or a list with one message")]
    [InlineData("""{"prompt": "p", "chosen": "a", "rejected": "a"}""", "chosen and rejected are the same text")]
    [InlineData("""{"prompt": "p", "chosen": "a", "rejected": "b", "split": 1}""", "split must be a text, not number")]
    [InlineData("""{"prompt": "p", "chosen": "\ud800", "rejected": "b"}""", "a text has half of a surrogate pair")]
    public void A_bad_line_is_named_with_what_to_change(string line, string problem)
    {
        File.WriteAllText(Path, $"{Good}\n\n{line}\n{Good}\n");
        var error = Assert.Throws<DatasetException>(() => PreferenceFile.Load(Path));
        Assert.StartsWith($"{Path}:3: {problem}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_bad_lines_are_told_at_once()
    {
        File.WriteAllText(Path, string.Join('\n', Enumerable.Repeat("{}", 7)));
        var error = Assert.Throws<DatasetException>(() => PreferenceFile.Load(Path));
        string[] lines = error.Message.Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.StartsWith($"{Path}:5: ", lines[4], StringComparison.Ordinal);
        Assert.Equal("... and 2 more lines.", lines[5]);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_and_missing_or_empty_files_are_refused()
    {
        File.WriteAllBytes(Path, [.. "{\"prompt\": \""u8, 0xE4, .. "\"}"u8]);
        Assert.Contains(":1: it is not UTF-8", Unreadable(Path), StringComparison.Ordinal);
        File.WriteAllText(Path, "\n\n");
        Assert.Contains("has no pairs", Unreadable(Path), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Unreadable(_folder.File("none")), StringComparison.Ordinal);
    }

    [Fact]
    public void Splits_that_the_file_names_are_kept()
    {
        PreferencePair[] pairs = [Pair(1, "p", "train"), Pair(2, "p", "tune"), Pair(3, "q", "Train"), Pair(4, "q", "test")];
        PreferenceSplit split = PreferenceSplit.Of(Path, pairs, share: null, seed: 1);
        Assert.Equal([1, 3], split.Train.Select(pair => pair.Line));
        Assert.Equal([2, 4], split.HeldOut.Select(pair => pair.Line));
        Assert.Contains("a share cannot be held out", Refusal(pairs, 0.5), StringComparison.Ordinal);
        Assert.StartsWith($"{Path}:5: it names no split", Refusal([.. pairs, Pair(5, "r")], null), StringComparison.Ordinal);
        Assert.Contains("no pairs to train on", Refusal(pairs[1..2], null), StringComparison.Ordinal);
    }

    [Fact]
    public void Otherwise_a_share_is_drawn_and_no_conversation_is_on_both_sides()
    {
        PreferencePair[] pairs = [.. Enumerable.Range(0, 100).Select(index => Pair(index + 1, $"p{index / 5}"))];
        PreferenceSplit split = PreferenceSplit.Of(Path, pairs, share: null, seed: 1);
        Assert.Equal((90, 10), (split.Train.Count, split.HeldOut.Count));
        Assert.Empty(Prompts(split.Train).Intersect(Prompts(split.HeldOut)));
        Assert.Equal(Prompts(split.HeldOut), Prompts(PreferenceSplit.Of(Path, pairs, null, seed: 1).HeldOut));
        Assert.NotEqual(Prompts(split.HeldOut), Prompts(PreferenceSplit.Of(Path, pairs, null, seed: 2).HeldOut));
        Assert.Empty(PreferenceSplit.Of(Path, pairs, share: 0, seed: 1).HeldOut);
    }

    private static PreferencePair Pair(int line, string prompt, string? split = null) =>
        new(line, [new ChatMessage("user", prompt)], "a", "b", null, split);

    private static IEnumerable<string> Prompts(IReadOnlyList<PreferencePair> pairs) => pairs.Select(pair => pair.Messages[0].Content);

    private static string Unreadable(string path) => Assert.Throws<DatasetException>(() => PreferenceFile.Load(path)).Message;

    private string Refusal(PreferencePair[] pairs, double? share) =>
        Assert.Throws<DatasetException>(() => PreferenceSplit.Of(Path, pairs, share, seed: 1)).Message;
}
