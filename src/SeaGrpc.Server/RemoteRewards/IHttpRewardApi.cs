using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>What one kind of HTTP server takes and answers.</summary>
internal interface IHttpRewardApi
{
    /// <summary>The path under the address.</summary>
    string Path { get; }

    /// <summary>The request for some texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="model">Name of the model, or null.</param>
    /// <param name="hasSpecialTokens">Whether the texts contain their special tokens, so that none may be added.</param>
    JsonObject Request(IReadOnlyList<string> texts, string? model, bool hasSpecialTokens);

    /// <summary>The rewards of the texts, in their order.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="texts">Number of texts.</param>
    /// <param name="label">Which labels make the reward; null for the only one.</param>
    /// <exception cref="FormatException">The reply is not as it must be; the message ends a sentence about the reward.</exception>
    IReadOnlyList<double> Rewards(JsonElement reply, int texts, LabelReading? label);
}
