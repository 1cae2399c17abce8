namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>What every part of one reply repeats.</summary>
/// <param name="Id">The reply's name.</param>
/// <param name="IsChat">Whether it answers a conversation.</param>
/// <param name="Created">When the request came, in seconds since 1970.</param>
/// <param name="Model">The model, as the request names it.</param>
internal sealed record ReplyHead(string Id, bool IsChat, long Created, string Model)
{
    private const int ShortHash = 12;
    private volatile string? _fingerprint;

    /// <summary>Notes which policy answers; every part that is made from now on names its weights.</summary>
    /// <param name="hash">The policy's SHA-256; empty if it runs elsewhere.</param>
    public void AnsweredBy(string hash) => _fingerprint = $"fp_{hash[..Math.Min(ShortHash, hash.Length)]}";

    /// <summary>A whole reply.</summary>
    public Completion Whole(IReadOnlyList<Choice> choices, Usage usage) => new()
    {
        Id = Id,
        Object = IsChat ? "chat.completion" : "text_completion",
        Created = Created,
        Model = Model,
        SystemFingerprint = _fingerprint,
        Choices = choices,
        Usage = usage,
    };

    /// <summary>A chunk of a streamed reply.</summary>
    public Completion Chunk(IReadOnlyList<Choice> choices, Usage? usage = null, SeaProgress? progress = null) => new()
    {
        Id = Id,
        Object = IsChat ? "chat.completion.chunk" : "text_completion",
        Created = Created,
        Model = Model,
        SystemFingerprint = _fingerprint,
        Choices = choices,
        Usage = usage,
        Sea = progress,
    };

    /// <summary>A whole answer.</summary>
    public Choice Whole(Answer answer) => new()
    {
        Index = answer.Index,
        Message = IsChat ? new Message("assistant", answer.Text) : null,
        Text = IsChat ? null : answer.Text,
        Logprobs = answer.Logprobs,
        FinishReason = answer.FinishReason,
        Sea = answer.Sea,
    };

    /// <summary>A part of an answer.</summary>
    public Choice Part(int index, string? role, string? text) => new()
    {
        Index = index,
        Delta = IsChat ? new Message(role, text) : null,
        Text = IsChat ? null : text ?? string.Empty,
    };
}
