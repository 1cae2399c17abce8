using System.CommandLine;
using System.CommandLine.Parsing;

namespace SeaGrpc.Cli.Connections;

/// <summary>The options of every command that can call a running server.</summary>
internal static class ServerOptions
{
    /// <summary>The option that names a server elsewhere.</summary>
    public const string Name = "--server";

    /// <summary><c>--server</c>: the server's address; null if it is not given.</summary>
    /// <param name="scope">What the option applies to, for its description; empty for everything.</param>
    public static Option<ServerAddress?> Address(string scope = "") => new(Name)
    {
        Description = Of(
            scope, "A running server: http://host:port, https://host:port, host:port or unix:/path. Default: one inside this process."),
        HelpName = "ADDRESS",
        CustomParser = Parse,
    };

    /// <summary><c>--token</c>: the server's bearer token; null if it is not given.</summary>
    /// <param name="scope">What the option applies to, for its description; empty for everything.</param>
    public static Option<string?> Token(string scope = "") =>
        new("--token") { Description = Of(scope, "The server's bearer token."), HelpName = "TOKEN" };

    /// <summary><c>--ca</c>: the root certificates to trust; null if it is not given.</summary>
    public static Option<string?> RootCertificates() => new("--ca")
    {
        Description = "With https://: PEM file of the root certificates to trust instead of the system's.",
        HelpName = "FILE",
    };

    /// <summary><c>--cert</c>: the caller's certificate; null if it is not given.</summary>
    public static Option<string?> Certificate() => new("--cert")
    {
        Description = "With https://: PEM file of a certificate to present, for a server that asks for one. Needs --key.",
        HelpName = "FILE",
    };

    /// <summary><c>--key</c>: the private key of the caller's certificate; null if it is not given.</summary>
    public static Option<string?> Key() => new("--key")
    {
        Description = "PEM file of the certificate's private key.",
        HelpName = "FILE",
    };

    private static string Of(string scope, string description) =>
        scope.Length == 0 ? description : $"{scope}: {char.ToLowerInvariant(description[0])}{description[1..]}";

    private static ServerAddress? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (ServerAddress.Parse(text) is { } address)
        {
            return address;
        }

        result.AddError($"--server '{text}' is not an address: write http://host:port, https://host:port, host:port or unix:/path.");
        return null;
    }
}
