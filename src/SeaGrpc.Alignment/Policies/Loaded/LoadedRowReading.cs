using SeaGrpc.Alignment.Scoring;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Loaded;

/// <summary>log pi_ref of rows by a loaded policy, which reads them when it is told to.</summary>
/// <param name="passes">The policy.</param>
internal sealed class LoadedRowReading(PolicyPasses passes) : IRowReading
{
    private readonly List<float> _own = [];

    public void Read(HardResponses next)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _own.AddRange(passes.Figures(passes.Hidden(next).flatten(0, 1), next).LogProbabilities);
    }

    public float[] Take() => [.. _own];

    public void Dispose()
    {
    }
}
