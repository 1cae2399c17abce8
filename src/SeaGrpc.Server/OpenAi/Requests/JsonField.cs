using System.Text.Json;
using SeaGrpc.Server.OpenAi.Errors;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>A value of a request, and its place there, which errors name.</summary>
/// <param name="Value">The value.</param>
/// <param name="Param">Its place: <c>messages[0].content</c>.</param>
internal readonly record struct JsonField(JsonElement Value, string Param)
{
    /// <summary>Whether it counts as not given.</summary>
    public bool IsNull => Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>A text.</summary>
    public string Text()
    {
        if (Value.ValueKind != JsonValueKind.String)
        {
            throw Wrong("a text");
        }

        JsonElement value = Value;
        return Decoded(() => value.GetString()!, Param);
    }

    /// <summary>True or false.</summary>
    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw Wrong("true or false");

    /// <summary>A number.</summary>
    public double Number(double least, double most)
    {
        double number = Value.ValueKind == JsonValueKind.Number ? Value.GetDouble() : throw Wrong("a number");
        return number >= least && number <= most
            ? number
            : throw OpenAiException.Value(Param, FormattableString.Invariant($"must be from {least} to {most}, but is {number}."));
    }

    /// <summary>A whole number.</summary>
    public long Whole(long least, long most)
    {
        long whole = 0;
        if (Value.ValueKind != JsonValueKind.Number || !(Value.TryGetInt64(out whole) || TryWhole(Value.GetDouble(), out whole)))
        {
            throw Wrong("a whole number");
        }

        return whole >= least && whole <= most
            ? whole
            : throw OpenAiException.Value(Param, FormattableString.Invariant($"must be from {least} to {most}, but is {whole}."));
    }

    /// <summary>The items of a list.</summary>
    public IEnumerable<JsonField> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong("a list");
        }

        int index = 0;
        foreach (JsonElement item in Value.EnumerateArray())
        {
            yield return new JsonField(item, $"{Param}[{index++}]");
        }
    }

    /// <summary>The members of an object.</summary>
    /// <exception cref="OpenAiException">It is none, or has a member twice.</exception>
    public IEnumerable<(string Name, JsonField Field)> Members()
    {
        if (Value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("an object");
        }

        string prefix = Param.Length == 0 ? string.Empty : $"{Param}.";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in Value.EnumerateObject())
        {
            string name = Decoded(() => member.Name, Param.Length == 0 ? "A name" : $"A name in {Param}");
            var field = new JsonField(member.Value, prefix + name);
            yield return seen.Add(name)
                ? (name, field)
                : throw OpenAiException.Value(CallerText.Shown(field.Param), "is given twice; omit one of them.");
        }
    }

    /// <summary>A member of an object; null if it is absent or null.</summary>
    public JsonField? Member(string name)
    {
        JsonElement member = Value.ValueKind == JsonValueKind.Object ? Value.TryGetProperty(name, out JsonElement found) ? found : default
            : throw Wrong("an object");
        var field = new JsonField(member, Param.Length == 0 ? name : $"{Param}.{name}");
        return field.IsNull ? null : field;
    }

    /// <summary>The exception for a value of the wrong type.</summary>
    public OpenAiException Wrong(string expected) => OpenAiException.Type(CallerText.Shown(Param), expected, Kind);

    private string Kind => Value.ValueKind switch
    {
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => Value.GetRawText(),
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    /// <summary>A text of the document, which may hold bytes or escapes that make no characters.</summary>
    private static string Decoded(Func<string> read, string param)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw OpenAiException.Value(param, "holds what is no character: bytes that are not UTF-8, or half of a surrogate pair.");
        }
    }

    private static bool TryWhole(double number, out long whole)
    {
        whole = Math.Abs(number) < 1e15 ? (long)number : 0;
        return Math.Abs(number) < 1e15 && number == whole;
    }
}
