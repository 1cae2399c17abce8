using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>One line on the models that answer.</summary>
internal static class ModelLine
{
    /// <summary>The line.</summary>
    /// <param name="info">What the server says of itself.</param>
    /// <param name="address">Address of a server elsewhere; null for the embedded models inside this process.</param>
    /// <param name="asked">Name of the pair that answers; null for the default one.</param>
    public static string Of(GetServerInfoResponse info, string? address, string? asked = null)
    {
        PairInfo? pair = info.Pairs.FirstOrDefault(one => one.Name == asked);
        if (pair is { Models.Count: 0 })
        {
            return MarkedText.Printable($"Model: {pair.Name}, which is not loaded yet, at {address}.");
        }

        IEnumerable<ModelInfo> all = pair?.Models ?? info.Models;
        var models = string.Join(" and ", all.Select(Model));
        string device = all.FirstOrDefault(model => model.Role == ModelRole.Policy)?.Device ?? info.Device;
        return MarkedText.Printable(address is null
            ? $"Models: {models}: tiny embedded ones that know one small made-up world, on {device}."
            : $"Models: {models}, on {device} at {address}.");
    }

    private static string Model(ModelInfo model)
    {
        var role = model.Role switch { ModelRole.Policy => "policy", ModelRole.Reward => "reward model", _ => "model" };
        return $"{role} {model.Name} ({Weights(model.ParameterCount)} weights)";
    }

    private static string Weights(long count) => count switch
    {
        >= 1_000_000_000 => $"{count / 1e9:0.0} billion",
        >= 1_000_000 => $"{count / 1e6:0.0} million",
        _ => $"{count:N0}",
    };
}
