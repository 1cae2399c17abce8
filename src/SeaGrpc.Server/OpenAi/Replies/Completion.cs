using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>A completion, or one chunk of a streamed one.</summary>
internal sealed record Completion
{
    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>What it is: chat.completion, chat.completion.chunk or text_completion.</summary>
    public required string Object { get; init; }

    /// <summary>When it was made, in seconds since 1970.</summary>
    public required long Created { get; init; }

    /// <summary>The model's name, as it was asked for.</summary>
    public required string Model { get; init; }

    /// <summary>Names the policy's weights.</summary>
    public string? SystemFingerprint { get; init; }

    /// <summary>The answers.</summary>
    public required IReadOnlyList<Choice> Choices { get; init; }

    /// <summary>What was read and written; in a chunk only in the last one.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The progress that a chunk without choices tells.</summary>
    public SeaProgress? Sea { get; init; }
}

/// <summary>One answer, or a part of one.</summary>
internal sealed record Choice
{
    /// <summary>Its place among the answers.</summary>
    public required int Index { get; init; }

    /// <summary>A whole answer in a conversation.</summary>
    public Message? Message { get; init; }

    /// <summary>What a chunk adds to an answer in a conversation.</summary>
    public Message? Delta { get; init; }

    /// <summary>The text of a completion that is not a conversation.</summary>
    public string? Text { get; init; }

    /// <summary>The log-probabilities of its tokens, if they were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonElement? Logprobs { get; init; }

    /// <summary>stop or length; null while there is more to come.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; init; }

    /// <summary>What the alignment found and spent; with the last part of the answer.</summary>
    public SeaFigures? Sea { get; init; }
}

/// <summary>A message, or what a chunk adds to one.</summary>
/// <param name="Role">assistant.</param>
/// <param name="Content">The text.</param>
internal sealed record Message(string? Role, string? Content);

/// <summary>Tokens of the policy.</summary>
/// <param name="PromptTokens">Of the prompts.</param>
/// <param name="CompletionTokens">Of the answers, their ends included.</param>
/// <param name="TotalTokens">Of both.</param>
internal sealed record Usage(int PromptTokens, int CompletionTokens, int TotalTokens)
{
    /// <summary>The sum of both.</summary>
    public static Usage Of(int prompt, int completion) => new(prompt, completion, prompt + completion);
}
