using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Hands over tensors of a checkpoint, checked against their shapes, one below another in a single tensor.</summary>
/// <param name="parts">The tensors wanted; of several, all sizes but the first are equal.</param>
/// <returns>A tensor in the serving dtype on the serving device, stacked along the first dimension; the caller owns it.</returns>
public delegate Tensor WeightSource(params WeightPart[] parts);

/// <summary>One tensor of a checkpoint.</summary>
/// <param name="Name">Its name there, model.norm.weight say.</param>
/// <param name="Shape">The shape that config.json implies.</param>
public readonly record struct WeightPart(string Name, params long[] Shape);

/// <summary>Weight sources that know one tensor at a time.</summary>
public static class WeightSources
{
    /// <summary>Takes the parts one by one and stacks copies of them.</summary>
    /// <param name="take">Makes the tensor of a name and a shape; the source owns what it returns.</param>
    public static WeightSource OneByOne(Func<string, long[], Tensor> take) => parts =>
    {
        if (parts is [var only])
        {
            return take(only.Name, only.Shape);
        }

        using var scope = NewDisposeScope();
        return cat([.. parts.Select(part => take(part.Name, part.Shape))]).MoveToOuterDisposeScope();
    };
}
