using System.Text.Encodings.Web;
using System.Text.Json;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>Our answers beside those of the references, which are Hugging Face's tokenizers in Rust and in JavaScript.</summary>
/// <remarks>
/// Where the two references differ, the one in Rust is right: it is what models were trained with. The only place known is
/// the decoding of &lt;0x..&gt; tokens that are not UTF-8: Rust writes one U+FFFD for each token of the run, JavaScript decodes
/// what it can of it. Any other difference of theirs is reported like one of ours.
/// </remarks>
internal sealed class ComparisonReport(string name, JsonElement rust, JsonElement script)
{
    private const int Shown = 10;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<string> _differences = [];
    private int _compared;
    private int _scriptDeviations;

    /// <summary>Figures for people.</summary>
    internal string Summary => $"{name}: {_compared} answers equal to Rust's; JavaScript's deviate in {_scriptDeviations} of them";

    /// <summary>Compares with both references, or with Rust alone where the other has no such answer.</summary>
    internal void Compare(string key, int index, object input, object ours)
    {
        _compared++;
        var expected = rust.GetProperty(key)[index];
        if (Text(ours) != Text(expected))
        {
            _differences.Add($"{key} of {Text(input)}\n   ours {Text(ours)}\n   Rust {Text(expected)}");
        }

        if (script.ValueKind == JsonValueKind.Object
            && script.TryGetProperty(key, out var answers)
            && Text(answers[index]) != Text(expected))
        {
            _scriptDeviations++;
            if (expected.ValueKind != JsonValueKind.String || !expected.GetString()!.Contains('\uFFFD'))
            {
                _differences.Add(
                    $"{key} of {Text(input)}: the references differ\n   JavaScript {Text(answers[index])}\n   Rust {Text(expected)}"
                );
            }
        }
    }

    internal void AssertEqual() =>
        Assert.True(
            _differences.Count == 0,
            string.Join("\n", _differences.Take(Shown).Prepend($"{name}: {_differences.Count} differences"))
        );

    private static string Text(object value) => JsonSerializer.Serialize(value, Readable);
}
