using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>One line on the models that answer.</summary>
internal static class ModelLine
{
    /// <summary>The line.</summary>
    /// <param name="info">What the server says of itself.</param>
    /// <param name="address">Address of a server elsewhere; null for the embedded models inside this process.</param>
    public static string Of(GetServerInfoResponse info, string? address)
    {
        var models = string.Join(" and ", info.Models.Select(Model));
        return MarkedText.Printable(address is null
            ? $"Models: {models}: tiny embedded ones that know one small made-up world, on {info.Device}."
            : $"Models: {models}, on {info.Device} at {address}.");
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
