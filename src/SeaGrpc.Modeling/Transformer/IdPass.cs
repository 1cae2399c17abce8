using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The ids of the new positions of some rows.</summary>
/// <param name="Ids">Ids [rows, positions], int64.</param>
/// <param name="Cache">Keys and values of the preceding positions.</param>
/// <param name="Kept">Number of first positions whose keys and values are used after the pass.</param>
public readonly record struct IdPass(Tensor Ids, KeyValueCache Cache, int Kept)
{
    /// <summary>The run's reading after the prompt of a frozen cache; null if there is none. A growing cache has its own.</summary>
    public RunReading? AfterPrompt { get; init; }

    /// <summary>Number of positions of each row without padding at the end, whose states nobody uses; null if there is none.</summary>
    public IReadOnlyList<int>? Lengths { get; init; }

    internal RunReading? Run => Cache.IsFrozen ? AfterPrompt : Cache.Shared;
}
