using SeaGrpc.Modeling.Transformer.Trees;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The ids of the new positions of some rows.</summary>
/// <param name="Ids">Ids [rows, positions], int64.</param>
/// <param name="Cache">Keys and values of the preceding positions.</param>
/// <param name="Kept">Number of first positions that another model may read too, if both have layers in common.</param>
public readonly record struct IdPass(Tensor Ids, KeyValueCache Cache, int Kept)
{
    /// <summary>The job's reading after the prompt of a frozen cache; null if there is none. A growing cache has its own.</summary>
    public TreeReading? AfterPrompt { get; init; }

    internal TreeReading? Tree => Cache.IsFrozen ? AfterPrompt : Cache.Tree;
}
