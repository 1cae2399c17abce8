using SeaGrpc.Alignment.Decoding;

namespace SeaGrpc.Alignment;

/// <summary>Method <c>base</c>: prefill, decode one sample, and score it for the report, which costs the method nothing.</summary>
internal sealed class BaseRun(AlignmentModels models, AlignmentTask task, BaseParameters parameters) : IAlignmentRun
{
    private readonly RunContext context = new(models, task with { Method = parameters }, countsRewards: false);
    private ResponseSampler? sampler;
    private ScoredResponse? response;

    public bool IsFinished => response is not null;

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => response is not null;

    public AlignmentUpdate? Advance()
    {
        if (!context.HasPrompt)
        {
            if (!context.Prefill())
            {
                return null;
            }

            sampler = new ResponseSampler(context, rows: 1);
            return null;
        }

        if (!sampler!.IsFinished)
        {
            sampler.Step();
            return null;
        }

        response = context.ScoreByReward(sampler.Responses())[0];
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        ScoredResponse best = response ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, best, best, Chain: 0, Iteration: 0, IterationsRun: 0, context.Cost.Cost);
    }

    public void Dispose()
    {
        sampler?.Dispose();
        context.Dispose();
    }
}
