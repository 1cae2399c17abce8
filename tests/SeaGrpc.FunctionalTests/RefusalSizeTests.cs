using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>
/// What a refusal says is bounded: violations, echoed text, and the trailers as a whole, of which several clients take 8 KiB.
/// </summary>
[Collection(SharedServerTests.Name)]
public sealed class RefusalSizeTests(SharedServer shared)
{
    private const int MostTrailerBytes = 8000;

    [Theory]
    [InlineData(3, 6)]
    [InlineData(60, 120)]
    [InlineData(200, 400)]
    public async Task Violations_are_listed_as_far_as_there_is_room_and_the_rest_is_counted(int messages, int violations)
    {
        AlignmentSpec spec = Specs.Sea();
        spec.Prompt = Specs.Chat([.. Enumerable.Repeat((Role.Unspecified, ""), messages)]);
        RawAnswer answer = await RefuseAsync(spec);

        IReadOnlyList<BadRequest.Types.FieldViolation> listed = answer.Details!.GetDetail<BadRequest>()!.FieldViolations;
        BadRequest.Types.FieldViolation? more = listed.SingleOrDefault(violation => violation.Reason == "MORE_VIOLATIONS");
        int named = listed.Count - (more is null ? 0 : 1);
        Assert.InRange(named, Math.Min(violations, 25), 100);
        Assert.Equal(violations == named ? null : $"and {violations - named} more violations, which are not listed", more?.Description);
        Assert.Same(more ?? listed[^1], listed[^1]);
        Assert.Equal("spec.prompt.chat.messages[0].role", listed[0].Field);
        Assert.Contains($"(and {violations - 1} more violations, see the details)", answer.Message);
    }

    [Fact]
    public async Task Sizes_are_checked_before_elements()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.Prompt = Specs.Chat([.. Enumerable.Repeat((Role.Unspecified, ""), 401)]);
        spec.Updates = new UpdateOptions { Chains = { Enumerable.Repeat(-1, 1025) } };
        spec.RewardShares.AddRange(Enumerable.Range(0, 101).Select(index => new RewardShare { Name = $"none-{index}" }));
        spec.DraftResponse = new ResponseContent { TokenIds = new TokenIds { Ids = { Enumerable.Repeat(-1, 1025) } } };
        RpcException failure = await Failures.OfAsync(() => shared.Server.AlignAsync(spec));
        Assert.Equal(
            [
                ("spec.prompt.chat.messages", "TOO_LONG"), ("spec.draft_response.token_ids.ids", "TOO_LONG"),
                ("spec.updates.chains", "TOO_LONG"), ("spec.reward_shares", "TOO_LONG"),
            ],
            failure.Violations().Select(violation => (violation.Field, violation.Reason)));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\u001b")]
    [InlineData("\n")]
    [InlineData("\u202e")]
    [InlineData("语")]
    [InlineData("é")]
    public async Task Echoed_text_is_cut_and_escaped(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 1000));
        AlignmentSpec unknown = Specs.Sea();
        unknown.PolicyModel = text;
        RawAnswer notFound = await RefuseAsync(unknown);
        Assert.Equal("5", notFound.Status);
        bool mayBeCut = unit is "语" or "é";
        AssertShown(notFound.Message, text, mayBeCut);
        AssertShown(notFound.Details!.GetDetail<ResourceInfo>()!.ResourceName, text);

        AlignmentSpec shares = Specs.Sea();
        shares.RewardShares.AddRange(Enumerable.Repeat(new RewardShare { Name = text, Share = 1 }, 90));
        AssertShown((await RefuseAsync(shares)).Details!.GetDetail<BadRequest>()!.FieldViolations[0].Description, text, mayBeCut);
    }

    [Fact]
    public async Task Fields_deep_in_a_request_that_are_far_too_large_are_named()
    {
        var request = new ScoreRequest { Pairs = { new ScorePair { Prompt = Specs.Text("a"), Response = Specs.Response("b") } } };
        request.Pairs.Add(new ScorePair { Prompt = Specs.Chat((Role.User, new string('x', 500_000))), Response = Specs.Response("b") });
        RpcException failure = await Failures.OfAsync(async () => await shared.Server.Alignment.ScoreAsync(request));
        Assert.Equal("pairs[1].prompt.chat.messages[0].content", Assert.Single(failure.Violations()).Field);
        Assert.Equal("400", failure.Info().Metadata["max"]);
    }

    /// <summary>grpc-message takes nine bytes for a character of three: a message of such is cut earlier.</summary>
    private static void AssertShown(string shown, string text, bool mayBeCut = false)
    {
        Assert.DoesNotContain(shown, letter => char.IsControl(letter) || letter == '\u202e');
        Assert.Contains(mayBeCut ? "…" : $"… ({text.Length} characters)", shown);
        Assert.InRange(shown.Length, 1, 400);
    }

    private async Task<RawAnswer> RefuseAsync(AlignmentSpec spec)
    {
        using var client = new HttpClient();
        RawAnswer answer = await RawCalls.PostBodyAsync(
            client, shared.Server.Address, "sea.v1.AlignmentService/Align",
            RawCalls.Framed(new AlignRequest { Spec = spec }.ToByteArray()));
        Assert.InRange(answer.Bytes, 1, MostTrailerBytes);
        return answer;
    }
}
