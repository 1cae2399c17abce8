using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Batching;

namespace SeaGrpc.Alignment.Policies.Engines;

/// <summary>log pi_ref of rows, which an engine has been asked for. Until they are taken, the rewards compute.</summary>
internal sealed class EngineRowReading : IRowReading
{
    private readonly int _responses;
    private readonly int _positions;
    private readonly int[] _asked;
    private readonly CostCounter _cost;
    private readonly OutsideAnswer<PolicyAnswer<ReadTokens>>? _answer;

    /// <summary>Asks. Responses without tokens have no figures and are not asked about.</summary>
    /// <param name="engine">The policy.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="responses">Ids of each, EOS included where it has one.</param>
    /// <param name="cost">Counts the work.</param>
    public EngineRowReading(IPolicy engine, EncodedPrompt prompt, IReadOnlyList<IReadOnlyList<int>> responses, CostCounter cost)
    {
        _responses = responses.Count;
        _asked = [.. Enumerable.Range(0, responses.Count).Where(row => responses[row].Count > 0)];
        _cost = cost;
        if (_asked.Length > 0)
        {
            RowToRead[] rows = [.. _asked.Select(row => new RowToRead([.. prompt.Policy, .. responses[row]], prompt.Policy.Count))];
            cost.PolicyForward(_asked.Sum(row => (long)responses[row].Count - 1));
            _answer = OutsideWork.Begin(stop => engine.ReadAsync(rows, alternatives: 0, stop));
        }
    }

    /// <summary>The same for every token of rows.</summary>
    public EngineRowReading(IPolicy engine, EncodedPrompt prompt, HardResponses rows, CostCounter cost)
        : this(
            engine,
            prompt,
            [
                .. Enumerable.Range(0, rows.Rows).Select(row => (IReadOnlyList<int>)
                    [.. rows.Tokens.Skip(row * rows.Positions).Take(rows.TargetLengths[row]).Select(id => (int)id)]),
            ],
            cost) => _positions = rows.Positions;

    // The engine reads all rows at once.
    public void Read(HardResponses next)
    {
    }

    public float[] Take() => [.. TakeRagged().SelectMany(own => own.Concat(new float[_positions - own.Count]))];

    /// <summary>The same, one list a response. Called once.</summary>
    public IReadOnlyList<IReadOnlyList<float>> TakeRagged()
    {
        var told = new IReadOnlyList<float>[_responses];
        Array.Fill(told, []);
        if (_answer is not null)
        {
            PolicyAnswer<ReadTokens> answer = _answer.Take();
            _cost.EngineAnswer(answer.Tokens);
            foreach ((int row, ReadTokens own) in _asked.Zip(answer.Rows))
            {
                told[row] = own.LogProbabilities;
            }
        }

        return told;
    }

    public void Dispose() => _answer?.Dispose();
}
