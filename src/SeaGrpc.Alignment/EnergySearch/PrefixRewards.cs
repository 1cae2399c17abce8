namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Whether the rewards of the prefixes that a run reads differ at all. Those of a reward that only whole answers have (an exact answer, a
/// test that passes) do not, but by chance.
/// </summary>
internal sealed class PrefixRewards
{
    /// <summary>Largest difference of rewards that rounding may make, in reward units.</summary>
    private const double Rounding = 1e-4;

    /// <summary>Prefixes are alike where less than one group in this many differs.</summary>
    private const int GroupsPerDifference = 3;

    private int _groups;
    private int _differing;

    /// <summary>Whether most groups so far had one reward; false before the first.</summary>
    public bool AreAlike => _groups > _differing * GroupsPerDifference;

    /// <summary>Notes a group of prefixes: those of one answer, or candidates that were read side by side.</summary>
    /// <param name="rewards">Their rewards; fewer than two tell nothing.</param>
    public void Note(IReadOnlyList<double> rewards)
    {
        if (rewards.Count > 1)
        {
            _groups++;
            _differing += rewards.Max() - rewards.Min() > Rounding ? 1 : 0;
        }
    }
}
