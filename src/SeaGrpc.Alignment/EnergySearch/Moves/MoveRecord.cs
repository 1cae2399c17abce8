namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>What a kind of move has brought so far.</summary>
internal sealed class MoveRecord
{
    /// <summary>What an earlier iteration counts for against the one after it.</summary>
    private const double Decay = 0.5;

    private double _lowered;
    private double _tokens;
    private double _iterations;

    /// <summary>What its iterations lowered the energy by, the later ones counting more, in nats per model token.</summary>
    public double Gain => IsTried ? _lowered / _tokens : 0;

    public bool IsTried => _iterations > 0;

    /// <summary>Model tokens of an iteration, the later ones counting more; 0 before the first.</summary>
    public double TokensOfIteration => IsTried ? _tokens / _iterations : 0;

    /// <summary>Iterations since it last lowered the energy.</summary>
    public int Failures { get; private set; }

    /// <summary>Forgets the failures: the response is another one now.</summary>
    public void Renew() => Failures = 0;

    /// <summary>Notes an iteration.</summary>
    /// <param name="lowered">What it lowered the lowest energy by, in nats; 0 where it did not.</param>
    /// <param name="tokens">Model tokens that it read.</param>
    public void Note(double lowered, long tokens)
    {
        _lowered = (Decay * _lowered) + lowered;
        _tokens = (Decay * _tokens) + Math.Max(1, tokens);
        _iterations = (Decay * _iterations) + 1;
        Failures = lowered > 0 ? 0 : Failures + 1;
    }
}
