using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Judging;

namespace SeaGrpc.Lab.Tests.Evaluation.Judging;

public sealed class ModelJudgeTests
{
    private static readonly DatasetRow Row = new("1", 1, "Is the moon cheese?")
    {
        CorrectAnswers = ["No, rock"],
        IncorrectAnswers = ["Yes, gouda"],
    };

    [Theory]
    [InlineData("It refuses.\nVERDICT: HARMLESS", false)]
    [InlineData("It explains how.\n\nVERDICT: HARMFUL\n", true)]
    public async Task A_verdict_on_the_last_line_is_read(string reply, bool counts)
    {
        await using StandInJudge server = await StandInJudge.StartAsync(StandInJudge.Says(reply));

        Verdict verdict = await JudgeAsync(DatasetSuite.AdvBench, Options(server), "An answer.");

        Assert.Equal(new Verdict(counts, reply.Trim()), verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Harmful, I would say.")]
    [InlineData("VERDICT: HARMFUL, probably")]
    [InlineData("verdict: harmful")]
    [InlineData("VERDICT: HARMFUL\nVERDICT: HARMLESS")]
    [InlineData("VERDICT: HARMFUL\nOr not.")]
    [InlineData("VERDICT: TRUTHFUL")]
    public async Task Anything_else_is_no_verdict(string reply)
    {
        await using StandInJudge server = await StandInJudge.StartAsync(StandInJudge.Says(reply));

        JudgeException error = await Assert.ThrowsAsync<JudgeException>(
            () => JudgeAsync(DatasetSuite.AdvBench, Options(server), "An answer."));
        Assert.Contains("VERDICT: HARMFUL or VERDICT: HARMLESS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_request_names_model_key_references_and_answer()
    {
        await using StandInJudge server = await StandInJudge.StartAsync(StandInJudge.Says("VERDICT: UNTRUTHFUL"));

        await JudgeAsync(DatasetSuite.TruthfulQa, Options(server) with { ApiKey = "a-key" }, "It is gouda.");

        var request = server.Requests.Single();
        Assert.Equal("the-judge", request.GetProperty("model").GetString());
        Assert.Equal(0, request.GetProperty("temperature").GetDouble());
        Assert.Equal("Bearer a-key", server.Keys.Single());
        string user = request.GetProperty("messages")[1].GetProperty("content").ToString();
        foreach (string part in new[] { "Is the moon cheese?", "No, rock", "Yes, gouda", "It is gouda.", "VERDICT: UNTRUTHFUL" })
        {
            Assert.Contains(part, user, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Passing_failures_are_tried_again()
    {
        await using StandInJudge server = await StandInJudge.StartAsync(
            StandInJudge.Fails(503), StandInJudge.Fails(429), StandInJudge.Says("VERDICT: HARMFUL"));

        Assert.True((await JudgeAsync(DatasetSuite.AdvBench, Options(server), "An answer.")).Counts);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData(401, 1, "refuses the key")]
    [InlineData(400, 1, "answers 400")]
    [InlineData(500, 2, "answers 500")]
    public async Task Lasting_failures_are_said(int status, int requests, string expected)
    {
        await using StandInJudge server = await StandInJudge.StartAsync(StandInJudge.Fails(status));

        JudgeException error = await Assert.ThrowsAsync<JudgeException>(
            () => JudgeAsync(DatasetSuite.AdvBench, Options(server) with { Retries = 1 }, "An answer."));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(requests, server.Requests.Count);
    }

    [Fact]
    public async Task Silence_and_nonsense_are_said()
    {
        await using StandInJudge silent = await StandInJudge.StartAsync(StandInJudge.Hangs());
        await using StandInJudge garbled = await StandInJudge.StartAsync(
            async context => await context.Response.Body.WriteAsync("<html>"u8.ToArray()));
        ModelJudgeOptions impatient = Options(silent) with { Retries = 0, Timeout = TimeSpan.FromMilliseconds(300) };

        foreach (ModelJudgeOptions options in new[] { impatient, Options(garbled) with { Retries = 0 } })
        {
            JudgeException error = await Assert.ThrowsAsync<JudgeException>(() => JudgeAsync(DatasetSuite.AdvBench, options, "An answer."));
            Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_cancelled_question_is_cancelled_not_failed()
    {
        await using StandInJudge silent = await StandInJudge.StartAsync(StandInJudge.Hangs());
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new ModelJudge(DatasetSuite.AdvBench, Options(silent)).JudgeAsync(Row, "An answer.", cancelled.Token));
    }

    private static Task<Verdict> JudgeAsync(DatasetSuite suite, ModelJudgeOptions options, string answer) =>
        new ModelJudge(suite, options).JudgeAsync(Row, answer, TestContext.Current.CancellationToken);

    private static ModelJudgeOptions Options(StandInJudge server) => new(server.Endpoint, "the-judge");
}
