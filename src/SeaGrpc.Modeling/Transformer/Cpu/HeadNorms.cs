using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>The weights of the norms of queries and keys, or nulls.</summary>
/// <param name="Query">[head].</param>
/// <param name="Key">[head].</param>
internal readonly record struct HeadNorms(Tensor? Query, Tensor? Key);
