using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grpc.Core;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>A file of callers.</summary>
internal sealed class CallersJson : IDisposable
{
    private readonly Testing.TemporaryFolder _folder = new();

    public string Path => _folder.File("callers.json");

    /// <summary>Settings of a server that reads it.</summary>
    public string[] Settings => [$"Security:CallersFile={Path}", "Security:ReloadInterval=00:00:00.100"];

    /// <summary>The token of a caller.</summary>
    public static string TokenOf(string name, int number = 0) => $"token-{number}-of-{name}-that-nobody-guesses";

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>What a caller sends.</summary>
    public static CallOptions As(string name, string? priority = null, int token = 0)
    {
        var headers = new Metadata { { "authorization", $"Bearer {TokenOf(name, token)}" } };
        if (priority is not null)
        {
            headers.Add("sea-priority", priority);
        }

        return new CallOptions(headers);
    }

    /// <summary>Writes callers, each with two tokens and what it may do: KEY → value.</summary>
    public void Write(params (string Name, Dictionary<string, object> Rule)[] callers) => File.WriteAllText(
        Path,
        JsonSerializer.Serialize(new
        {
            callers = callers.Select(caller => new Dictionary<string, object>(caller.Rule)
            {
                ["name"] = caller.Name,
                ["token_sha256"] = new[] { Hash(TokenOf(caller.Name)), Hash(TokenOf(caller.Name, 1)) },
            }),
        }));

    public void Dispose() => _folder.Dispose();
}
