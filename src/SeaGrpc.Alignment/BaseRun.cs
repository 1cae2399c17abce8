using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment;

/// <summary>Method <c>base</c>: prefills, decodes one sample, and scores it for the report, which is not charged to the method.</summary>
internal sealed class BaseRun(AlignmentModels models, AlignmentTask task, BaseParameters parameters) : IAlignmentRun
{
    private readonly RunContext _context = new(models, task with { Method = parameters }, countsRewards: false);
    private ResponseSampler? _sampler;
    private SearchDraft? _told;
    private ScoredResponse? _response;

    public bool IsFinished => _response is not null;

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => _response is not null;

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            if (!_context.Prefill())
            {
                return null;
            }

            if (_context.Prompt.Policy.TellsDrawn)
            {
                _told = new SearchDraft(_context, sampleDraft: true, reportsEnergy: true);
            }
            else
            {
                _sampler = new ResponseSampler(_context, rows: 1);
            }

            return null;
        }

        if (_told is not null)
        {
            _response = _told.Advance();
            return _response is null ? null : Sampled(_response);
        }

        if (!_sampler!.IsFinished)
        {
            _sampler.Step();
            return null;
        }

        _response = _context.ScoreByReward(_sampler.Responses())[0];
        return Sampled(_response);
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        ScoredResponse best = _response ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, best, best, Chain: 0, Iteration: 0, IterationsRun: 0, _context.Cost.Cost);
    }

    public void Dispose()
    {
        _sampler?.Dispose();
        _told?.Dispose();
        _context.Dispose();
    }

    private static DraftUpdate Sampled(ScoredResponse response) =>
        new([new ChainSnapshot { Chain = 0, Response = response }], response);
}
