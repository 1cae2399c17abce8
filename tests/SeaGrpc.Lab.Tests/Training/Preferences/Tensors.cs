using SeaGrpc.Lab.Training.Preferences;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Tests.Training.Preferences;

/// <summary>A network's rewards as plain numbers.</summary>
internal static class Tensors
{
    public static (float[] Chosen, float[] Rejected) Rewards(PairNetwork network, PairIds[] pairs)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var batch = new PairBatch(pairs);
        (Tensor chosen, Tensor rejected) = network.Rewards(batch, network.Enter(batch));
        return (chosen.data<float>().ToArray(), rejected.data<float>().ToArray());
    }
}
