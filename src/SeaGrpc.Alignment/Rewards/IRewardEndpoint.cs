using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward that runs outside the process. Thread-safe.</summary>
public interface IRewardEndpoint : IDisposable
{
    /// <summary>Where it runs, for messages.</summary>
    string Address { get; }

    /// <summary>Scores responses, all in one batch.</summary>
    /// <param name="prompts">Conversations with their responses; at least one.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>One finite number for each response of the first conversation, then of the next one, in their order.</returns>
    /// <exception cref="RewardFailedException">It did not answer, or not so.</exception>
    /// <exception cref="OperationCanceledException">Asking was stopped.</exception>
    Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken);
}

/// <summary>A conversation, and responses to it.</summary>
/// <param name="Messages">The conversation; the last turn is not the assistant's.</param>
/// <param name="Responses">The responses; at least one, all different.</param>
public sealed record PromptTexts(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<ResponseText> Responses);

/// <summary>A response as a reward outside the process reads it.</summary>
/// <param name="Text">Its text, without special tokens.</param>
/// <param name="IsComplete">Whether it is a whole answer, or the beginning of one that a search still extends.</param>
public sealed record ResponseText(string Text, bool IsComplete);
