using TorchSharp;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Hands over the tensor of a checkpoint name, checked against a shape.</summary>
/// <param name="name">Name in the checkpoint, model.norm.weight say.</param>
/// <param name="shape">The shape that config.json implies.</param>
/// <returns>A tensor in the serving dtype on the serving device; the caller owns it.</returns>
public delegate torch.Tensor WeightSource(string name, long[] shape);
