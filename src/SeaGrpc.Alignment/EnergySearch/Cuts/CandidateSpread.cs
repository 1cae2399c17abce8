namespace SeaGrpc.Alignment.EnergySearch.Cuts;

/// <summary>The spread of the energies of prefixes that were read, by the position of their last token.</summary>
internal sealed class CandidateSpread
{
    private readonly Dictionary<int, (double Sum, int Count)> _byPosition = [];

    /// <summary>Records candidates that differ from one position on.</summary>
    /// <param name="position">The position, from 0.</param>
    /// <param name="energies">Their energies, in nats.</param>
    public void Note(int position, IReadOnlyList<double> energies)
    {
        if (energies.Count < 2)
        {
            return;
        }

        double mean = energies.Average();
        double deviation = Math.Sqrt(energies.Average(energy => (energy - mean) * (energy - mean)));
        (double sum, int count) = _byPosition.GetValueOrDefault(position);
        _byPosition[position] = (sum + deviation, count + 1);
    }

    /// <summary>
    /// The mean standard deviation at a position, in nats. If there is none for the position, the mean over all positions; 1 if there are
    /// none at all.
    /// </summary>
    public double At(int position) => _byPosition.TryGetValue(position, out (double Sum, int Count) own) ? own.Sum / own.Count
        : _byPosition.Count == 0 ? 1
        : _byPosition.Values.Average(value => value.Sum / value.Count);
}
