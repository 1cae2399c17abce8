using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>The norm weights of queries and keys; null if there are no norms.</summary>
/// <param name="Query">[head].</param>
/// <param name="Key">[head].</param>
internal readonly record struct HeadNorms(Tensor? Query, Tensor? Key);
