namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>The results of one kind of move so far.</summary>
internal sealed class MoveRecord
{
    /// <summary>Weight of an iteration relative to the one after it.</summary>
    private const double Decay = 0.5;

    private double _lowered;
    private double _tokens;
    private double _iterations;

    /// <summary>By how much its iterations reduced the energy, in nats per model token. Later iterations count more.</summary>
    public double Gain => IsTried ? _lowered / _tokens : 0;

    public bool IsTried => _iterations > 0;

    /// <summary>Model tokens per iteration, 0 before the first. Later iterations count more.</summary>
    public double TokensOfIteration => IsTried ? _tokens / _iterations : 0;

    /// <summary>Number of iterations since it last reduced the energy.</summary>
    public int Failures { get; private set; }

    /// <summary>Resets the failures, because the response has changed.</summary>
    public void Renew() => Failures = 0;

    /// <summary>Records an iteration.</summary>
    /// <param name="lowered">By how much it reduced the lowest energy, in nats; 0 if it did not.</param>
    /// <param name="tokens">Model tokens that it read.</param>
    public void Note(double lowered, long tokens)
    {
        _lowered = (Decay * _lowered) + lowered;
        _tokens = (Decay * _tokens) + Math.Max(1, tokens);
        _iterations = (Decay * _iterations) + 1;
        Failures = lowered > 0 ? 0 : Failures + 1;
    }
}
