namespace SeaGrpc.Lab.Training.Runs;

/// <summary>How often something was right.</summary>
internal sealed class PairAccuracy
{
    private int _right;

    /// <summary>How many were added.</summary>
    public int Count { get; private set; }

    /// <summary>Share that was right; 0 if none were added.</summary>
    public double Share => (double)_right / Math.Max(1, Count);

    public void Add(bool isRight)
    {
        _right += isRight ? 1 : 0;
        Count++;
    }

    public override string ToString() => Share.ToString("P1");
}
