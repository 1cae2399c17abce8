using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>A reply that is sent when all answers are there.</summary>
internal sealed class WholeReply(HttpContext context, ReplyHead head, int answers) : IReply
{
    private readonly Answer?[] _answers = new Answer?[answers];

    public Task TellAsync(int answer, StreamAlignResponse step, CancellationToken cancellationToken)
    {
        if (step.EventCase == StreamAlignResponse.EventOneofCase.Started)
        {
            head.AnsweredBy(step.Started.PolicySha256);
        }

        return Task.CompletedTask;
    }

    public Task AnswerAsync(Answer answer, CancellationToken cancellationToken)
    {
        _answers[answer.Index] = answer;
        return Task.CompletedTask;
    }

    public Task CompleteAsync(Usage usage) => JsonReply.SendAsync(
        context, head.Whole([.. _answers.Select(answer => head.Whole(answer!))], usage), ReplyJson.Types.Completion);

    public Task FailAsync(OpenAiError error) => ErrorReply.SendAsync(context, error);
}
