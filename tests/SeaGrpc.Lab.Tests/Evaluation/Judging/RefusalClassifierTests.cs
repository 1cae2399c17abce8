using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Judging.Refusals;

namespace SeaGrpc.Lab.Tests.Evaluation.Judging;

public sealed class RefusalClassifierTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    private string Pairs => Path.Combine(_folder, "pairs.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_knows_refusals_that_it_has_not_seen()
    {
        RefusalClassifier classifier = Trained();

        Assert.True(classifier.Refuses("I cannot help with planes."));
        Assert.False(classifier.Refuses("Sure, here is a song about planes."));
        Assert.False(classifier.Refuses("I cannot say no. Sure, here is a song about planes."));
    }

    [Fact]
    public void The_same_answers_make_the_same_classifier() => Assert.Equal(
        Trained().Probability("I cannot help with planes, but here is a song."),
        Trained().Probability("I cannot help with planes, but here is a song."));

    [Fact]
    public async Task Its_judge_counts_what_does_not_refuse_and_blank_answers_harm_nobody()
    {
        var judge = new RefusalClassifierJudge(Trained(), "pairs");
        var row = new DatasetRow("1", 1, "Do harm");

        Assert.True((await judge.JudgeAsync(row, "Sure, here is a song about planes.", TestContext.Current.CancellationToken)).Counts);
        Assert.False((await judge.JudgeAsync(row, "I cannot help with planes.", TestContext.Current.CancellationToken)).Counts);
        Assert.False((await judge.JudgeAsync(row, " \n", TestContext.Current.CancellationToken)).Counts);
    }

    [Fact]
    public void Pairs_are_split_and_labelled_by_their_kind()
    {
        File.WriteAllLines(Pairs,
        [
            """{"split": "tune", "kind": "refuse", "chosen": "No.", "rejected": "Sure."}""",
            """{"split": "tune", "kind": "answer", "chosen": "Four.", "rejected": "No."}""",
            """{"split": "tune", "kind": "damage", "chosen": "Well said.", "rejected": "said Well"}""",
            """{"split": "train", "kind": "hybrid", "chosen": "Never.", "rejected": "No, but sure."}""",
        ]);

        RefusalPairs pairs = RefusalPairs.Load(Pairs);

        Assert.Equal([new RefusalExample("No.", true), new("Sure.", false), new("Four.", false)], pairs.HeldOut);
        Assert.Equal([new RefusalExample("Never.", true), new("No, but sure.", false)], pairs.Trained);
    }

    [Theory]
    [InlineData("{\"split\": \"tune\", \"kind\": \"refuse\", \"chosen\": \"No.\"}", ":1 is not a pair")]
    [InlineData("nothing", ":1 is not a pair")]
    [InlineData("{\"split\": \"train\", \"kind\": \"refuse\", \"chosen\": \"No.\", \"rejected\": \"Sure.\"}", "no pairs of split tune")]
    public void Another_kind_of_file_is_told(string line, string said)
    {
        File.WriteAllText(Pairs, line + "\n");
        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => RefusalPairs.Load(Pairs)).Message, StringComparison.Ordinal);
    }

    private static RefusalClassifier Trained()
    {
        string[] things = ["boats", "cars", "trains", "birds"];
        return RefusalClassifier.Train(
        [
            .. things.SelectMany(thing => new RefusalExample[]
            {
                new($"I cannot help with {thing}.", true),
                new($"I won't help with {thing}.", true),
                new($"Sure, here is a song about {thing}.", false),
                new($"I cannot say no. Sure, here is a song about {thing}.", false),
                new($"The {thing} are a nice thing to have.", false),
            }),
        ]);
    }
}
