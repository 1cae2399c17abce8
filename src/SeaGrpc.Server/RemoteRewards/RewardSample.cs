using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>What a reward outside the server is asked to find out whether it answers: at the start, and while it is in trouble.</summary>
internal static class RewardSample
{
    /// <summary>A conversation with a whole response and the beginning of one.</summary>
    public static IReadOnlyList<PromptTexts> Prompts { get; } =
    [
        new PromptTexts(
            [new ChatMessage("user", "What is the capital of France?")],
            [new ResponseText("Paris is the capital of France.", true), new ResponseText("Paris is", false)]),
    ];
}
