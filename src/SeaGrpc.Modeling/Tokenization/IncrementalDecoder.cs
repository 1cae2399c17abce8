using SeaGrpc.Modeling.Tokenization.Decoding;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Decodes ids one at a time. Not thread-safe.</summary>
/// <remarks>
/// The returned text is final: no later id changes it. The bytes of an incomplete character wait for the rest. All parts together equal
/// <see cref="Tokenizer.Decode"/> of all ids.
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

    /// <summary>Adds the next id.</summary>
    /// <returns>The text that has become final; often empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The text has already ended.</exception>
    public string Add(int id)
    {
        Take(id);
        return _collector.Take();
    }

    /// <summary>Ends the text.</summary>
    /// <returns>The remaining text. Bytes that did not become a character are U+FFFD.</returns>
    /// <exception cref="InvalidOperationException">The text has already ended.</exception>
    public string End()
    {
        ThrowIfEnded();
        _hasEnded = true;
        using var budget = _budget.Enter();
        _first.End();
        return _collector.Take();
    }

    /// <summary>Adds the next id and keeps the text until <see cref="End"/>.</summary>
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
