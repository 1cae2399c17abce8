using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Figures of each token of an answer.</summary>
[Collection(SharedServerTests.Name)]
public sealed class TokenFigureTests(SharedServer shared)
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task They_cover_the_text_and_sum_up_to_the_answers_log_probability(int alternatives)
    {
        AlignmentSpec spec = Specs.Sea();
        spec.TokenAlternatives = alternatives;
        List<StreamAlignResponse> events = await shared.Server.StreamAsync(spec);

        Assert.Equal(alternatives, events[0].Started.EffectiveSpec.TokenAlternatives);
        AlignmentFinal final = events[^1].Final;
        TokenFigures figures = final.TokenFigures;
        Assert.Equal(final.Response.TokenIds.Count, figures.Tokens.Count);
        int end = 0;
        Assert.All(figures.Tokens, token =>
        {
            Assert.Equal(end, token.Start);
            end = token.End;
            Assert.Equal(alternatives, token.Alternatives.Count);
            Assert.Equal(
                token.Alternatives.Select(other => other.LogProbability).OrderDescending(),
                token.Alternatives.Select(other => other.LogProbability));
            Assert.True(alternatives == 0 || token.Alternatives[0].LogProbability >= token.LogProbability - 1e-5);
            Assert.True(token.RewardGradientNorm > 0);
        });
        Assert.Equal(final.Response.Text.EnumerateRunes().Count(), end);
        if (!final.Response.EndsWithEos)
        {
            Assert.Equal(final.Response.LogProbability, figures.Tokens.Sum(token => token.LogProbability), 1e-3);
        }

        Assert.True(figures.PolicyTokens > final.Response.TokenIds.Count && figures.RewardTokens > final.Response.TokenIds.Count);
    }

    [Fact]
    public async Task They_cost_the_method_nothing_and_come_only_when_they_are_asked_for()
    {
        AlignmentFinal plain = (await shared.Server.AlignAsync(Specs.Sea())).Final;
        AlignmentSpec spec = Specs.Sea();
        spec.TokenAlternatives = 1;
        AlignmentFinal told = (await shared.Server.AlignAsync(spec)).Final;
        Assert.Null(plain.TokenFigures);
        Assert.NotNull(told.TokenFigures);
        Assert.Equal((plain.Cost.PolicyTokens, plain.Cost.RewardTokens), (told.Cost.PolicyTokens, told.Cost.RewardTokens));
        Assert.Equal(plain.Response, told.Response);
    }

    [Fact]
    public async Task A_replayed_answer_has_them_and_so_has_one_of_a_batch()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.TokenAlternatives = 2;
        spec.RequestId = $"figures-{Guid.NewGuid():N}";
        AlignmentFinal first = (await shared.Server.AlignAsync(spec)).Final;
        AlignmentFinal again = (await shared.Server.AlignAsync(spec)).Final;
        Assert.True(again.Replayed);
        Assert.Equal(first.TokenFigures.Tokens, again.TokenFigures.Tokens);

        spec.ClearRequestId();
        using AsyncServerStreamingCall<AlignBatchResponse> batch =
            shared.Server.Alignment.AlignBatch(new AlignBatchRequest { Specs = { spec } });
        Assert.True(await batch.ResponseStream.MoveNext(default));
        Assert.Equal(first.TokenFigures.Tokens, batch.ResponseStream.Current.Alignment.Final.TokenFigures.Tokens);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(21)]
    public async Task More_than_20_alternatives_are_refused(int alternatives)
    {
        AlignmentSpec spec = Specs.Sea();
        spec.TokenAlternatives = alternatives;
        RpcException failure = await Failures.OfAsync(() => shared.Server.AlignAsync(spec));
        failure.AssertIs(StatusCode.InvalidArgument, "OUT_OF_RANGE");
        Assert.Equal("spec.token_alternatives", Assert.Single(failure.Violations()).Field);
    }
}
