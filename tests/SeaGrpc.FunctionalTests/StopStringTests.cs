using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Stop strings over the wire.</summary>
[Collection(SharedServerTests.Name)]
public sealed class StopStringTests(SharedServer shared)
{
    /// <summary>The tiny models write any bytes; an answer of a hundred of them has one of these.</summary>
    private static readonly string[] Letters = ["e", "t", "a", "o", "i", "n", "s", "r", "3", "7", " ", "E", "T", "A"];

    public static TheoryData<string> Methods => ["base", "best_of_n", "energy_search", "sea"];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Texts_of_all_events_end_before_them_and_the_answer_has_the_figures_of_its_tokens(string method)
    {
        AlignmentSpec spec = Spec(method);
        spec.Updates = new UpdateOptions { IncludeText = true, IncludeProgress = true, TextDeltas = true };
        List<StreamAlignResponse> events = await shared.Server.StreamAsync(spec);

        Assert.Equal(Letters, events[0].Started.EffectiveSpec.StopStrings);
        string shown = string.Empty;
        foreach (StreamAlignResponse next in events)
        {
            TextDelta? delta =
                next.Draft?.TextDelta ?? next.Iteration?.TextDelta ?? next.Progress?.TextDelta ?? next.Final?.TextDelta;
            shown = delta is null
                ? shown
                : string.Concat(shown.EnumerateRunes().Take(delta.Keep).Select(rune => rune.ToString())) + delta.Append;
            IEnumerable<string> texts =
            [
                shown,
                .. (next.Draft?.Chains ?? next.Iteration?.Chains ?? []).Select(chain => chain.Text),
                next.Draft?.Best.Text ?? next.Iteration?.Best.Text ?? next.Progress?.Best.Text ?? next.Final?.Response.Text ?? "",
            ];
            Assert.All(texts, text => Assert.DoesNotContain(Letters, text.Contains));
        }

        AlignmentFinal final = events[^1].Final;
        Assert.Equal(final.Response.Text, shown);
        Assert.Equal(final.Response.TokenIds.Count + (final.Response.EndsWithEos ? 1 : 0), final.Cost.GeneratedTokens);
        ScoreResult scored = (await shared.Server.Alignment.ScoreAsync(new ScoreRequest
        {
            Pairs =
            {
                new ScorePair
                {
                    Prompt = spec.Prompt,
                    Response = new ResponseContent { TokenIds = new TokenIds { Ids = { final.Response.TokenIds } } },
                },
            },
        })).Results[0];
        Assert.Equal(scored.Reward, final.Response.Reward, 1e-3);
        Assert.True(final.Response.HasStopString || method is "energy_search" or "sea");
        if (final.Response.HasStopString || final.Response.EndsWithEos)
        {
            Assert.Equal(scored.LogProbability, final.Response.LogProbability, 1e-3);
        }

        if (final.Response.HasStopString)
        {
            Assert.False(final.Response.EndsWithEos);
            Assert.Contains(final.Response.StopString, Letters);
        }
    }

    [Fact]
    public async Task A_draft_is_cut_before_it_is_read()
    {
        AlignmentSpec spec = Spec("best_of_n");
        spec.DraftResponse = Specs.Response("XYZ. eight");
        spec.MinRewardGain = 1000;
        AlignmentFinal final = (await shared.Server.AlignAsync(spec)).Final;
        Assert.Equal(("XYZ.", " ", false), (final.Response.Text, final.Response.StopString, final.Response.EndsWithEos));
        Assert.Equal(final.Draft, final.Response);

        spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("XYZ. ei") };
        final = (await shared.Server.AlignAsync(spec)).Final;
        Assert.Equal("XYZ. eigh", final.Response.Text);

        spec.ResponsePrefix = null;
        spec.DraftResponse = Specs.Response("none");
        RpcException failure = await Failures.OfAsync(() => shared.Server.AlignAsync(spec));
        Assert.Equal("spec.draft_response", Assert.Single(failure.Violations()).Field);
        Assert.Contains("begins with the stop string \"n\"", failure.Status.Detail);
    }

    [Fact]
    public async Task A_repeated_call_and_a_batch_have_the_same_answer()
    {
        AlignmentSpec spec = Spec("best_of_n");
        spec.RequestId = $"stops-{Guid.NewGuid():N}";
        AlignmentFinal first = (await shared.Server.AlignAsync(spec)).Final;
        AlignmentFinal again = (await shared.Server.AlignAsync(spec)).Final;
        Assert.True(again.Replayed);
        Assert.Equal(first.Response, again.Response);

        spec.ClearRequestId();
        using AsyncServerStreamingCall<AlignBatchResponse> batch =
            shared.Server.Alignment.AlignBatch(new AlignBatchRequest { Specs = { spec } });
        Assert.True(await batch.ResponseStream.MoveNext(default));
        Assert.Equal(first.Response, batch.ResponseStream.Current.Alignment.Final.Response);
    }

    [Theory]
    [InlineData(17, 1, "spec.stop_strings", "TOO_LONG")]
    [InlineData(1, 257, "spec.stop_strings[0]", "TOO_LONG")]
    [InlineData(1, 0, "spec.stop_strings[0]", "REQUIRED")]
    [InlineData(3000, 1, "spec.stop_strings", "TOO_LONG")]
    public async Task Too_many_too_long_and_empty_ones_are_refused(int count, int length, string field, string reason)
    {
        AlignmentSpec spec = Spec("base");
        spec.StopStrings.Clear();
        spec.StopStrings.AddRange(Enumerable.Repeat(new string('a', length), count));
        RpcException failure = await Failures.OfAsync(() => shared.Server.AlignAsync(spec));
        failure.AssertIs(StatusCode.InvalidArgument, reason);
        Assert.Equal(field, Assert.Single(failure.Violations()).Field);
    }

    [Fact]
    public async Task Sixteen_of_256_bytes_are_accepted()
    {
        AlignmentSpec spec = Spec("base");
        spec.StopStrings.Clear();
        spec.StopStrings.AddRange(Enumerable.Repeat(new string('ż', 128), 16));
        AlignmentFinal final = (await shared.Server.AlignAsync(spec)).Final;
        Assert.False(final.Response.HasStopString);
    }

    private static AlignmentSpec Spec(string method)
    {
        var spec = new AlignmentSpec { Prompt = Specs.Text("How are you?"), MaxResponseTokens = 40, Seed = 5, StopStrings = { Letters } };
        switch (method)
        {
            case "base":
                spec.Base = new BaseParameters();
                break;
            case "best_of_n":
                spec.BestOfN = new BestOfNParameters { SampleCount = 4 };
                break;
            case "sea":
                spec.Sea = new SeaParameters { Iterations = 3, PlateauIterations = 0 };
                break;
            default:
                spec.EnergySearch = new EnergySearchParameters { Iterations = 3 };
                break;
        }

        return spec;
    }
}
