namespace SeaGrpc.Lab.Training.Runs;

/// <summary>How often something was right.</summary>
internal sealed class PairAccuracy
{
    private int _right;
    private int _all;

    public void Add(bool isRight)
    {
        _right += isRight ? 1 : 0;
        _all++;
    }

    public override string ToString() => ((double)_right / Math.Max(1, _all)).ToString("P1");
}
