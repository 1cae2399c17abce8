using System.Text.Encodings.Web;
using System.Text.Json;

namespace SeaGrpc.Modeling.Tests.Tokenization;

internal sealed class ComparisonReport(string name)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SortedDictionary<string, int> _counts = [];

    internal List<string> Differences { get; } = [];

    internal string Summary => $"{name}: " + string.Join(", ", _counts.Select(pair => $"{pair.Key} {pair.Value}"));

    internal void CompareIds(string what, string text, int[] ours, JsonElement rust, JsonElement? script, string key, int index)
    {
        Compare(what, JsonSerializer.Serialize(text), JsonSerializer.Serialize(ours), rust, script, key, index);
    }

    internal void CompareTexts(string what, int[] ids, string ours, JsonElement rust, JsonElement? script, string key, int index)
    {
        Compare(what, JsonSerializer.Serialize(ids), JsonSerializer.Serialize(ours), rust, script, key, index);
    }

    private void Compare(string what, string input, string ours, JsonElement rust, JsonElement? script, string key, int index)
    {
        Count(what);
        var expected = JsonSerializer.Serialize(rust.GetProperty(key)[index]);
        if (ours != expected)
        {
            Differences.Add($"{what}: {input}\n   ours {ours}\n   rust {expected}" + (script is null ? "" : $"\n   js   {JsonSerializer.Serialize(script.Value.GetProperty(key)[index])}"));
        }

        if (script is not null && JsonSerializer.Serialize(script.Value.GetProperty(key)[index]) is var other && other != expected)
        {
            Count(what + ": script differs from rust");
            if (!expected.Contains("\\uFFFD", StringComparison.Ordinal) && _counts[what + ": script differs from rust"] < 400)
            {
                Differences.Add("JS " + what + input + other + expected);
            }
        }
    }

    private void Count(string what) => _counts[what] = _counts.GetValueOrDefault(what) + 1;
}
