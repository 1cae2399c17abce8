using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>A reply as it comes into being. Several answers may be told at the same time.</summary>
internal interface IReply
{
    /// <summary>An answer's alignment has made a step.</summary>
    Task TellAsync(int answer, StreamAlignResponse step, CancellationToken cancellationToken);

    /// <summary>An answer is there.</summary>
    Task AnswerAsync(Answer answer, CancellationToken cancellationToken);

    /// <summary>All answers are there.</summary>
    /// <param name="usage">What was read and written.</param>
    Task CompleteAsync(Usage usage);

    /// <summary>There will be no more answers.</summary>
    Task FailAsync(Errors.OpenAiError error);
}
