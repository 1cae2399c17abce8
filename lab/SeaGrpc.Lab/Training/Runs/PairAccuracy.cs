namespace SeaGrpc.Lab.Training.Runs;

/// <summary>How often something was right.</summary>
internal sealed class PairAccuracy
{
    private int right;
    private int all;

    public void Add(bool isRight)
    {
        right += isRight ? 1 : 0;
        all++;
    }

    public override string ToString() => ((double)right / Math.Max(1, all)).ToString("P1");
}
