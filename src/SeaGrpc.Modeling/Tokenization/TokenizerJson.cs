using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Shared by the readers of tokenizer.json: looking up values, and errors that name the file.</summary>
internal sealed class TokenizerJson(string path)
{
    /// <summary>Finds a value that is present and not null.</summary>
    internal static bool TryGet(JsonElement part, string key, out JsonElement value) =>
        part.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    internal static string? TypeOf(JsonElement part) => Text(part, "type");

    internal static string? Text(JsonElement part, string key) => TryGet(part, key, out var value) ? value.GetString() : null;

    internal static bool Flag(JsonElement part, string key, bool absent = false) =>
        TryGet(part, key, out var value) ? value.GetBoolean() : absent;

    internal static int Count(JsonElement part, string key) => TryGet(part, key, out var value) ? value.GetInt32() : 0;

    internal CheckpointException Fault(string problem) => new(path, problem);

    /// <summary>Reads a pattern: {"String": …} or {"Regex": …}.</summary>
    internal TextPattern ReadPattern(JsonElement part, string where)
    {
        if (!TryGet(part, "pattern", out var pattern))
        {
            throw Fault($"{where} has no pattern.");
        }

        if (Text(pattern, "String") is { } literal)
        {
            return TextPattern.Literal(literal);
        }

        var expression = Text(pattern, "Regex")
            ?? throw Fault($"{where}: the pattern {pattern.GetRawText()} is neither a String nor a Regex.");
        try
        {
            return TextPattern.Expression(expression);
        }
        catch (ArgumentException e)
        {
            throw Fault($"{where}: the pattern {expression} cannot be used ({e.Message}).");
        }
    }

    /// <summary>Reads a character that is given as text.</summary>
    internal char Character(JsonElement part, string key, string where) => Text(part, key) is [var character]
        ? character
        : throw Fault($"{where}: {key} must be one character below U+10000.");
}
