using SeaGrpc.Modeling.Tokenization.Decoding;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The text of ids that come one by one. One thread at a time.</summary>
/// <remarks>
/// What is handed out no later id changes: the bytes of a character that has not ended wait for the rest of it. All parts
/// together are what <see cref="Tokenizer.Decode"/> gives for all ids.
/// </remarks>
public sealed class IncrementalDecoder
{
    private readonly Func<int, string?> _tokenOf;
    private readonly IDecoderStep _first;
    private readonly TextCollector _collector = new();
    private readonly PatternBudget _budget = new();
    private bool _hasEnded;

    internal IncrementalDecoder(Func<int, string?> tokenOf, IReadOnlyList<Func<IDecoderStep, IDecoderStep>> steps)
    {
        _tokenOf = tokenOf;
        _first = steps.Reverse().Aggregate((IDecoderStep)_collector, (next, make) => make(next));
    }

    /// <summary>Takes the next id.</summary>
    /// <returns>The text that is certain now and was not before; often empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The text has ended.</exception>
    public string Add(int id)
    {
        Take(id);
        return _collector.Take();
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was waiting; bytes that never became a character are U+FFFD.</returns>
    /// <exception cref="InvalidOperationException">The text has ended before.</exception>
    public string End()
    {
        ThrowIfEnded();
        _hasEnded = true;
        using var budget = _budget.Enter();
        _first.End();
        return _collector.Take();
    }

    /// <summary>Takes the next id and keeps the text for <see cref="End"/>.</summary>
    internal void Take(int id)
    {
        ThrowIfEnded();
        if (_tokenOf(id) is { } token)
        {
            using var budget = _budget.Enter();
            _first.Add(token, endsToken: true);
        }
    }

    private void ThrowIfEnded()
    {
        if (_hasEnded)
        {
            throw new InvalidOperationException("The text has ended; start another decoder.");
        }
    }
}
