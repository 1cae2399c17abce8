using System.Text.Json.Nodes;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>
/// A reward model whose chat template writes each answer twice: what is too long for it then is refused with what to change.
/// </summary>
public sealed class GrowingAnswerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        TinyCheckpoint.WriteReward(_folder.File("twice"), seed: 3);
        string path = _folder.File("twice/tokenizer_config.json");
        JsonNode config = JsonNode.Parse(File.ReadAllText(path))!;
        config[
            "chat_template"] = "{% for message in messages %}{{ message.content }}|{% if message.role == 'assistant' %}{{ message.content "
                + "}}{{ eos_token }}{% endif %}{% endfor %}";
        File.WriteAllText(path, config.ToJsonString());
        _server = await RunningServer.StartAsync(null, $"Models:Reward={_folder.File("twice")}");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_response_to_score_is_measured_as_the_template_writes_it()
    {
        RpcException failure = await Failures.OfAsync(async () => await _server.Alignment.ScoreAsync(Score(new string('a', 300))));
        AssertTooLong(failure, "pairs[0].response", "512");
        Assert.Contains("chat template", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Single((await _server.Alignment.ScoreAsync(Score(new string('a', 200)))).Results);
    }

    [Fact]
    public async Task A_draft_is_measured_likewise()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.DraftResponse = Specs.Response(new string('a', 300));
        RpcException failure = await Failures.OfAsync(() => _server.AlignAsync(spec));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains("spec.draft_response", failure.Violations().Select(violation => violation.Field));
    }

    [Fact]
    public async Task The_room_for_an_answer_is_half()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.MaxResponseTokens = 300;
        RpcException failure = await Failures.OfAsync(() => _server.AlignAsync(spec));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal("spec.max_response_tokens", Assert.Single(failure.Violations()).Field);
        Assert.InRange(int.Parse(failure.Info().Metadata["max"], System.Globalization.CultureInfo.InvariantCulture), 200, 256);
    }

    private static ScoreRequest Score(string response) =>
        new() { Pairs = { new ScorePair { Prompt = Specs.Text("a"), Response = Specs.Response(response) } } };

    private static void AssertTooLong(RpcException failure, string field, string most)
    {
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal((field, "TOO_LONG"), (Assert.Single(failure.Violations()).Field, failure.Info().Reason));
        Assert.Equal(most, failure.Info().Metadata["max"]);
    }
}
