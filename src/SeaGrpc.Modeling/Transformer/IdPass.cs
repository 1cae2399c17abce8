using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The ids of the new positions of some rows.</summary>
/// <param name="Ids">Ids [rows, positions], int64.</param>
/// <param name="Cache">Keys and values of the preceding positions.</param>
/// <param name="Kept">Number of first positions that another model may read too, if both have layers in common.</param>
public readonly record struct IdPass(Tensor Ids, KeyValueCache Cache, int Kept);
