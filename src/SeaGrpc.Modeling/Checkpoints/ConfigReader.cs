using System.Globalization;
using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>
/// Reads the keys of config.json, or of an object in it. A key that is absent or null has its default. Errors name the key.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="root">The object.</param>
/// <param name="place">The object's path in messages, with a dot at its end; empty for the file itself.</param>
internal sealed class ConfigReader(string path, JsonElement root, string place = "")
{
    /// <summary>Whether the key is present and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether the key is present, even if null: null has a meaning of its own in some families.</summary>
    public bool HasKey(string key) => root.TryGetProperty(key, out _);

    /// <summary>A required integer above 0.</summary>
    public int Required(string key) => Count(key) ?? throw Fault($"{place}{key} is missing; config.json must give it.");

    /// <summary>An integer above 0, or null.</summary>
    public int? Count(string key)
    {
        int? value = Id(key);
        return value is null or > 0 ? value : throw Fault($"{place}{key} is {value}; it must be greater than 0.");
    }

    /// <summary>An integer, or null.</summary>
    public int? Id(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw WrongKind(key);

    /// <summary>A number above 0, or null.</summary>
    public double? Number(string key) =>
        Real(key) is var number && number is null or > 0 ? number : throw Fault($"{place}{key} is {number}; it must be greater than 0.");

    /// <summary>A number, at least 0, or null.</summary>
    public double? NumberOrZero(string key) =>
        Real(key) is var number && number is null or >= 0 ? number : throw Fault($"{place}{key} is {number}; it must be at least 0.");

    /// <summary>true or false, or null.</summary>
    public bool? Flag(string key) => Find(key)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongKind(key),
    };

    /// <summary>A string, or null.</summary>
    public string? Text(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw WrongKind(key);

    /// <summary>Strings; none if the key is absent.</summary>
    public IReadOnlyList<string> Texts(string key) =>
        [.. Items(key).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw WrongKind(key))];

    /// <summary>Numbers; none if the key is absent.</summary>
    public IReadOnlyList<double> Numbers(string key) =>
        [
            .. Items(key)
                .Select(item =>
                    item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out double number) ? number : throw WrongKind(key)
                ),
        ];

    /// <summary>One or more token ids; none if the key is absent.</summary>
    public IReadOnlyList<int> Ids(string key) =>
        TokenIds.TryRead(Find(key), out int[] ids) ? ids : throw Fault($"{place}{key} is neither a token id nor a list of them.");

    /// <summary>Strings of an object whose keys are 0, 1, 2 and so on, in the order of the keys; null where the key is absent.</summary>
    public IReadOnlyList<string>? Indexed(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw WrongKind(key);
        }

        int count = value.EnumerateObject().Count();
        return [.. Enumerable.Range(0, count).Select(index =>
            value.TryGetProperty(index.ToString(CultureInfo.InvariantCulture), out JsonElement item)
                && item.ValueKind == JsonValueKind.String
                ? item.GetString()!
                : throw Fault(
                    $"{place}{key} must name its {count} entries 0 to {count - 1} with strings; entry {index} is missing or none."))];
    }

    /// <summary>An object under the key, or null.</summary>
    public ConfigReader? Inner(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigReader(path, value, $"{place}{key}.") : throw WrongKind(key);

    /// <summary>Creates an exception with what is wrong with the file and what to change.</summary>
    public CheckpointException Fault(string problem) => new(path, problem);

    private JsonElement? Find(string key) =>
        root.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private double? Real(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) ? throw WrongKind(key)
        : double.IsFinite(number) ? number : throw Fault($"{place}{key} is too large for a number.");

    private IEnumerable<JsonElement> Items(string key) => Find(key) is not { } value
        ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw WrongKind(key);

    private CheckpointException WrongKind(string key) => Fault($"the value of {place}{key} is of the wrong kind, or out of range.");
}
