using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Cli.Hub;

/// <summary>What the environment says of the Hub, by the names that the Hub's own client reads.</summary>
/// <param name="Endpoint">Address of the Hub, without a slash at the end.</param>
/// <param name="Token">The user's token; null for none.</param>
/// <param name="IsOffline">Whether the Hub must not be asked.</param>
internal sealed record HubSettings(Uri Endpoint, string? Token, bool IsOffline)
{
    private const string Standard = "https://huggingface.co";

    /// <summary>Reads HF_ENDPOINT, HF_TOKEN (or the file that a login leaves) and HF_HUB_OFFLINE.</summary>
    /// <exception cref="CliException">HF_ENDPOINT is no address.</exception>
    public static HubSettings Read()
    {
        string address = Variable("HF_ENDPOINT") ?? Standard;
        return Uri.TryCreate(address.TrimEnd('/'), UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "http" or "https"
            ? new HubSettings(endpoint, FindToken(), Variable("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON")
            : throw new CliException($"HF_ENDPOINT is '{address}', but must be an address such as {Standard}.", ExitCodes.Usage);
    }

    private static string? FindToken()
    {
        if (Variable("HF_TOKEN") is { } token)
        {
            return token;
        }

        string file = Variable("HF_TOKEN_PATH") ?? Path.Combine(HubCache.Home, "token");
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } stored ? stored : null;
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;
}
