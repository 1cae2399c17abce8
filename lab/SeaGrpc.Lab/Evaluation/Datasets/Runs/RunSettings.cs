using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>Everything that one method's results depend on, except the row and the seed.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Common">What all methods share: data, prompts, models, judge.</param>
/// <param name="Parameters">The method's parameters.</param>
internal sealed record RunSettings(
    string Method, IReadOnlyDictionary<string, string> Common, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>Names the settings in every result: the first 16 digits of their SHA-256.</summary>
    public string Hash { get; } = Digest(Method, Common, Parameters);

    /// <summary>What differs from an earlier run's settings, one difference each: <c>name: was A, is now B</c>.</summary>
    /// <remarks>Another method's parameters may differ; what all methods share may not.</remarks>
    public IEnumerable<string> Differences(RunSettings earlier) =>
        [.. Differences(earlier.Common, Common, ""), .. earlier.Method == Method
            ? Differences(earlier.Parameters, Parameters, Method + " ")
            : []];

    private static IEnumerable<string> Differences(
        IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now, string prefix) =>
        from name in before.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
        let was = before.GetValueOrDefault(name, "not set")
        let @is = now.GetValueOrDefault(name, "not set")
        where was != @is
        select $"{prefix}{name}: was {was}, is now {@is}";

    private static string Digest(string method, params IReadOnlyDictionary<string, string>[] parts)
    {
        var sorted = parts.Select(part => new SortedDictionary<string, string>(part.ToDictionary(), StringComparer.Ordinal));
        byte[] bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { method, sorted }));
        return Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
    }
}
