using SeaGrpc.Alignment;
using SeaGrpc.Modeling;

namespace SeaGrpc.Testing;

/// <summary>Tiny random models, written to a folder and loaded from it like any others.</summary>
public static class TinyModels
{
    /// <summary>A pair that shares its tokenizer.</summary>
    public static AlignmentModels Load(ulong seed = 1, TinyShape? policyShape = null, TinyShape? rewardShape = null)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), seed, policyShape);
        TinyCheckpoint.WriteReward(folder.File("reward"), seed + 1, rewardShape);
        return AlignmentModels.Load(folder.File("policy"), folder.File("reward"), new ModelLoadOptions("cpu", ModelDtype.Float32));
    }
}
