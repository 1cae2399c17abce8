using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>What a reward outside the server is asked to find out whether it answers: at the start, and while it is in trouble.</summary>
internal static class RewardSample
{
    /// <summary>A conversation.</summary>
    public static IReadOnlyList<ChatMessage> Messages { get; } = [new("user", "What is the capital of France?")];

    /// <summary>A whole response, and the beginning of one.</summary>
    public static IReadOnlyList<ResponseText> Responses { get; } = [new("Paris is the capital of France.", true), new("Paris is", false)];
}
