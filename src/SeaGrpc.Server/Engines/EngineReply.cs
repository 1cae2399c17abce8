using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>Reads ids and log-probabilities of engines' replies, and writes what requests have in common.</summary>
internal static class EngineReply
{
    /// <summary>Bias that keeps a token from being drawn.</summary>
    private const double Never = -100;

    /// <summary>Rounding above 0 that a log-probability may have.</summary>
    private const double Rounding = 1e-3;

    /// <summary>Ids as JSON.</summary>
    public static JsonArray Ids(IEnumerable<int> ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    /// <summary>Texts as JSON.</summary>
    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    /// <summary>Biases by id that keep tokens from being drawn.</summary>
    public static JsonObject Biases(IEnumerable<int> forbidden) =>
        new(forbidden.Select(id => KeyValuePair.Create(id.ToString(CultureInfo.InvariantCulture), (JsonNode?)JsonValue.Create(Never))));

    /// <summary>An id.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static int Id(JsonElement reply) => reply.ValueKind == JsonValueKind.Number && reply.TryGetInt32(out int id) && id >= 0
        ? id
        : throw new FormatException($"answered {JsonReply.Shown(reply)} instead of a token's id");

    /// <summary>A list of ids.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static int[] Ids(JsonElement reply) => [.. JsonReply.Items(reply, "ids").Select(Id)];

    /// <summary>A number of tokens.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static long Count(JsonElement reply) =>
        reply.ValueKind == JsonValueKind.Number && reply.TryGetInt64(out long count) && count >= 0
            ? count
            : throw new FormatException($"answered {JsonReply.Shown(reply)} instead of a number of tokens");

    /// <summary>An optional number of tokens, 0 if there is none.</summary>
    public static long CountOrZero(JsonElement reply, string name) =>
        reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty(name, out JsonElement count)
            && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out long value)
            ? Math.Max(0, value)
            : 0;

    /// <summary>A log-probability.</summary>
    /// <exception cref="FormatException">It is none: no finite number that is at most 0.</exception>
    public static float LogProbability(JsonElement reply)
    {
        double value = JsonReply.Number(reply);
        return double.IsFinite(value) && value <= Rounding
            ? (float)Math.Min(0, value)
            : throw new FormatException($"answered {JsonReply.Shown(reply)} instead of a log-probability");
    }

    /// <summary>The likeliest of some tokens, likeliest first.</summary>
    /// <param name="told">The tokens that the engine names, in any order.</param>
    /// <param name="count">How many are wanted.</param>
    /// <exception cref="FormatException">There are fewer, or one occurs twice.</exception>
    public static TokenProbability[] Likeliest(IReadOnlyList<TokenProbability> told, int count)
    {
        if (told.Count < count)
        {
            throw new FormatException($"named {told.Count} alternatives instead of {count}");
        }

        return told.DistinctBy(one => one.Id).Count() == told.Count
            ? [.. told.OrderByDescending(one => one.LogProbability).Take(count)]
            : throw new FormatException("named the same token twice among the alternatives at one position");
    }
}
