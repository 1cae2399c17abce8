using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Batching;

namespace SeaGrpc.Alignment;

/// <summary>
/// log pi_ref of given tokens, which a policy elsewhere has been asked for. Until they are taken, the rewards compute. Used by one run.
/// Disposing it stops asking.
/// </summary>
internal sealed class EngineReadings : IDisposable
{
    private readonly int _responses;
    private readonly int[] _asked;
    private readonly CostCounter _cost;
    private readonly OutsideAnswer<PolicyAnswer<ReadTokens>>? _answer;

    /// <summary>Asks. Responses without tokens have no figures and are not asked about.</summary>
    /// <param name="engine">The policy.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="responses">Ids of each, EOS included where it has one.</param>
    /// <param name="cost">Counts the work.</param>
    public EngineReadings(IPolicy engine, EncodedPrompt prompt, IReadOnlyList<IReadOnlyList<int>> responses, CostCounter cost)
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

    /// <summary>Waits for the figures; called once.</summary>
    /// <returns>In nats, one list a response.</returns>
    /// <exception cref="PolicyFailedException">The policy did not answer, or not so.</exception>
    public IReadOnlyList<IReadOnlyList<float>> Take()
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

    /// <summary>The same for rows that were asked about: [rows, positions]; 0 after a row's end.</summary>
    public float[] Take(HardResponses rows) =>
        [.. Take().SelectMany(own => own.Concat(new float[rows.Positions - own.Count]))];

    /// <inheritdoc/>
    public void Dispose() => _answer?.Dispose();
}
