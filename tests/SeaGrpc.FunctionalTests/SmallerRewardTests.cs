using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>A policy with ids that its reward model has no row for: a response that is handed in may not hold them.</summary>
public sealed class SmallerRewardTests : IAsyncLifetime
{
    private const int Last = TinyCheckpoint.VocabularySize - 1;
    private readonly TemporaryFolder _folder = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        TinyCheckpoint.WritePolicy(_folder.File("larger"), seed: 3, new TinyShape(AddedTokens: 2));
        _server = await RunningServer.StartAsync(null, $"Models:Policy={_folder.File("larger")}");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ids_of_a_draft_or_prefix_are_named_with_their_range()
    {
        AlignmentSpec draft = Specs.Sea();
        draft.DraftResponse = Ids(97, Last + 2);
        AlignmentSpec prefix = Specs.Sea();
        prefix.ResponsePrefix = new ResponsePrefix { Content = Ids(Last + 1) };

        AssertOutOfRange(await Failures.OfAsync(() => _server.AlignAsync(draft)), "spec.draft_response.token_ids.ids[1]", Last + 2);
        AssertOutOfRange(
            await Failures.OfAsync(() => _server.AlignAsync(prefix)), "spec.response_prefix.content.token_ids.ids[0]", Last + 1);
        AssertOutOfRange(
            await Failures.OfAsync(async () => await _server.Alignment.ScoreAsync(Score(Ids(Last + 1)))),
            "pairs[0].response.token_ids.ids[0]", Last + 1);
    }

    [Fact]
    public async Task A_text_with_such_a_token_is_named()
    {
        AlignmentSpec draft = Specs.Sea();
        draft.DraftResponse = Specs.Response($"a{{word-{Last + 2}}}");

        RpcException failure = await Failures.OfAsync(() => _server.AlignAsync(draft));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal("spec.draft_response.text", Assert.Single(failure.Violations()).Field);
        Assert.Contains($"\"{{word-{Last + 2}}}\" (id {Last + 2})", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Contains($"0 to {Last}", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_may_hold_them()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.Prompt = new Prompt { TokenIds = new TokenIds { Ids = { Last + 2 } } };
        spec.DraftResponse = Ids(97);
        Assert.NotNull((await _server.AlignAsync(spec)).Final);
    }

    private static ResponseContent Ids(params int[] ids) => new() { TokenIds = new TokenIds { Ids = { ids } } };

    private static ScoreRequest Score(ResponseContent response) =>
        new() { Pairs = { new ScorePair { Prompt = Specs.Text("a"), Response = response } } };

    private static void AssertOutOfRange(RpcException failure, string field, int id)
    {
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal(field, Assert.Single(failure.Violations()).Field);
        Assert.Equal(
            ("0", $"{Last}", $"{id}"), (failure.Info().Metadata["min"], failure.Info().Metadata["max"], failure.Info().Metadata["actual"]));
    }
}
