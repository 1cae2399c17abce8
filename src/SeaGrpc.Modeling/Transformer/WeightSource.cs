using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Supplies tensors of a checkpoint, checked against their shapes and stacked into a single tensor.</summary>
/// <param name="parts">The requested tensors. If there are several, all sizes except the first must be equal.</param>
/// <returns>A tensor with the serving dtype and device, stacked along the first dimension. The caller owns it.</returns>
public delegate Tensor WeightSource(params WeightPart[] parts);

/// <summary>One tensor of a checkpoint.</summary>
/// <param name="Name">Its name in the checkpoint, for example model.norm.weight.</param>
/// <param name="Shape">The shape according to config.json.</param>
public readonly record struct WeightPart(string Name, params long[] Shape);

/// <summary>Weight sources that supply one tensor at a time.</summary>
public static class WeightSources
{
    /// <summary>Requests the parts one by one and stacks copies of them.</summary>
    /// <param name="take">Returns the tensor for a name and shape. The source owns it.</param>
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
