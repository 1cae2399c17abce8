using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>The best response's text as changes of the text before.</summary>
public sealed class TextDeltaTests
{
    [Fact]
    public void A_change_keeps_the_common_beginning_in_code_points()
    {
        var text = new GrowingText();
        Assert.Equal(new TextDelta { Keep = 0, Append = "a😀b" }, text.ChangeTo("a😀b"));
        Assert.Equal(new TextDelta { Keep = 2, Append = "cd" }, text.ChangeTo("a😀cd"));
        Assert.Equal(new TextDelta { Keep = 4, Append = "" }, text.ChangeTo("a😀cd"));
        Assert.Equal(new TextDelta { Keep = 1, Append = "😁" }, text.ChangeTo("a😁"));
        Assert.Equal(new TextDelta { Keep = 0, Append = "" }, text.ChangeTo(""));
    }

    [Theory]
    [InlineData("sea")]
    [InlineData("energy_search")]
    public async Task Applied_in_order_they_give_every_events_best_text_and_the_answer(string method)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec spec = Specs.Sea(iterations: 6);
        if (method == "energy_search")
        {
            spec.EnergySearch = new EnergySearchParameters { Iterations = 6 };
        }

        spec.Updates = new UpdateOptions { IncludeText = true, IncludeProgress = true, TextDeltas = true };
        string shown = string.Empty;
        foreach (StreamAlignResponse next in await server.StreamAsync(spec))
        {
            (TextDelta? delta, string? best) = next.EventCase switch
            {
                StreamAlignResponse.EventOneofCase.Draft => (next.Draft.TextDelta, next.Draft.Best.Text),
                StreamAlignResponse.EventOneofCase.Iteration => (next.Iteration.TextDelta, next.Iteration.Best.Text),
                StreamAlignResponse.EventOneofCase.Progress => (next.Progress.TextDelta, next.Progress.Best.Text),
                StreamAlignResponse.EventOneofCase.Final => (next.Final.TextDelta, next.Final.Response.Text),
                _ => (null, null),
            };
            if (best is not null)
            {
                shown = string.Concat(shown.EnumerateRunes().Take(delta!.Keep).Select(rune => rune.ToString())) + delta.Append;
                Assert.Equal(best, shown);
            }
        }

        Assert.NotEmpty(shown);
    }

    [Fact]
    public async Task No_event_has_one_unless_it_is_asked_for()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        List<StreamAlignResponse> events = await server.StreamAsync(Specs.Sea());
        Assert.All(
            events, next => Assert.Null(next.Draft?.TextDelta ?? next.Iteration?.TextDelta ?? next.Final?.TextDelta));
        Assert.False(events[0].Started.EffectiveSpec.Updates.TextDeltas);
    }

    [Fact]
    public async Task A_final_tells_tokens_read_forward_and_backward_and_generated()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentFinal gradient = (await server.AlignAsync(Specs.Sea())).Final;
        AlignmentSpec search = Specs.Sea();
        search.BestOfN = new BestOfNParameters { SampleCount = 4 };
        AlignmentFinal samples = (await server.AlignAsync(search)).Final;

        Assert.All([gradient, samples], final =>
        {
            Assert.Equal(final.Cost.PolicyTokens + final.Cost.RewardTokens, final.Cost.ForwardTokens + final.Cost.BackwardTokens);
            Assert.Equal(final.Response.TokenIds.Count + (final.Response.EndsWithEos ? 1 : 0), final.Cost.GeneratedTokens);
        });
        Assert.True(gradient.Cost.BackwardTokens > 0);
        Assert.Equal(0, samples.Cost.BackwardTokens);
    }
}
