using Grpc.Core;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>Specs and readers that many tests share.</summary>
internal static class Specs
{
    /// <summary>Small enough to run in well under a second.</summary>
    public static AlignmentSpec Sea(int iterations = 3, int chains = 2) => new()
    {
        Prompt = Text("How are you?"),
        Sea = new SeaParameters { Iterations = iterations, Chains = chains, PlateauIterations = 0 },
        MaxResponseTokens = 8,
        Seed = 7,
    };

    public static Prompt Text(string text) => new() { Text = text };

    public static Prompt Chat(params (Role Role, string Content)[] turns) => new()
    {
        Chat = new Chat { Messages = { turns.Select(turn => new ChatMessage { Role = turn.Role, Content = turn.Content }) } },
    };

    public static ResponseContent Response(string text) => new() { Text = text };

    public static async Task<List<StreamAlignResponse>> StreamAsync(
        this RunningServer server, AlignmentSpec spec, CallOptions options = default)
    {
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = spec }, options);
        var events = new List<StreamAlignResponse>();
        await foreach (StreamAlignResponse next in call.ResponseStream.ReadAllAsync())
        {
            events.Add(next);
        }

        return events;
    }

    public static async Task<AlignResponse> AlignAsync(this RunningServer server, AlignmentSpec spec, CallOptions options = default) =>
        await server.Alignment.AlignAsync(new AlignRequest { Spec = spec }, options);
}
