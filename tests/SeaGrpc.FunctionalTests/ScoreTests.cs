using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

[Collection(SharedServerTests.Name)]
public sealed class ScoreTests(SharedServer shared)
{
    [Fact]
    public async Task Scores_come_in_order_and_do_not_depend_on_the_batch()
    {
        ScorePair[] pairs =
        [
            Pair("Hello", "abc"),
            Pair("Hello", "a much longer response"),
            Pair("Another prompt", string.Empty),
        ];
        ScoreResponse together = await ScoreAsync(pairs);

        Assert.Equal([3, 22, 0], together.Results.Select(result => result.ResponseTokens));
        for (int index = 0; index < pairs.Length; index++)
        {
            ScoreResult alone = (await ScoreAsync(pairs[index])).Results.Single();
            Assert.Equal(alone.Reward, together.Results[index].Reward, 1e-4);
            Assert.Equal(alone.LogProbability, together.Results[index].LogProbability, 1e-3);
            Assert.Equal(-(alone.LogProbability + (together.RewardWeight * alone.Reward)), alone.Energy, 1e-6);
        }
    }

    [Fact]
    public async Task A_run_reports_the_reward_that_score_gives()
    {
        AlignmentFinal final = (await shared.Server.AlignAsync(Specs.Sea())).Final;
        var pair = new ScorePair
        {
            Prompt = Specs.Text("How are you?"),
            Response = new ResponseContent { TokenIds = new TokenIds { Ids = { final.Response.TokenIds } } },
        };
        if (final.Response.EndsWithEos)
        {
            Assert.Equal(final.Response.LogProbability, (await ScoreAsync(pair)).Results.Single().LogProbability, 1e-3);
        }

        Assert.Equal(final.Response.Reward, (await ScoreAsync(pair)).Results.Single().Reward, 1e-3);
    }

    [Fact]
    public async Task All_violations_of_all_pairs_come_at_once()
    {
        var request =
            new ScoreRequest { Pairs = { Pair(string.Empty, "a"), new ScorePair { Prompt = Specs.Text("a") } }, RewardWeight = double.NaN };
        RpcException failure = await Failures.OfAsync(async () => await shared.Server.Alignment.ScoreAsync(request));
        Assert.Equal(
            ["pairs[0].prompt.text", "pairs[1].response", "reward_weight"],
            failure.Violations().Select(violation => violation.Field));
    }

    [Fact]
    public async Task No_pairs_too_many_pairs_and_unknown_models_are_errors()
    {
        RpcException none = await Failures.OfAsync(() => ScoreAsync());
        RpcException many = await Failures.OfAsync(() => ScoreAsync([.. Enumerable.Repeat(Pair("a", "b"), 257)]));
        RpcException unknown = await Failures.OfAsync(async () =>
            await shared.Server.Alignment.ScoreAsync(new ScoreRequest { Pairs = { Pair("a", "b") }, RewardModel = "gpt" }));
        Assert.All([none, many], failure => Assert.Equal("pairs", Assert.Single(failure.Violations()).Field));
        unknown.AssertIs(StatusCode.NotFound, "UNKNOWN_MODEL");
    }

    private static ScorePair Pair(string prompt, string response) =>
        new() { Prompt = Specs.Text(prompt), Response = Specs.Response(response) };

    private async Task<ScoreResponse> ScoreAsync(params ScorePair[] pairs) =>
        await shared.Server.Alignment.ScoreAsync(new ScoreRequest { Pairs = { pairs } });
}
