using System.Text.Json;

namespace SeaGrpc.Server.Outside;

/// <summary>Reads a reply, and says of what is missing where it must be.</summary>
internal static class JsonReply
{
    /// <summary>An object's member.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static JsonElement Member(JsonElement reply, string name) =>
        reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty(name, out JsonElement member)
            ? member
            : throw new FormatException($"answered without the member \"{name}\": {Shown(reply)}");

    /// <summary>A list of the expected length.</summary>
    /// <exception cref="FormatException">It is none, or has another length.</exception>
    public static JsonElement[] Items(JsonElement reply, string what, int? count = null)
    {
        JsonElement[] items = reply.ValueKind == JsonValueKind.Array
            ? [.. reply.EnumerateArray()]
            : throw new FormatException($"answered without a list of {what}: {Shown(reply)}");
        return items.Length > 0 && (count is null || items.Length == count)
            ? items
            : throw new FormatException($"answered with {items.Length} {what} instead of {count ?? 1}");
    }

    /// <summary>A number.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static double Number(JsonElement reply) => reply.ValueKind == JsonValueKind.Number
        ? reply.GetDouble()
        : throw new FormatException($"answered {Shown(reply)} instead of a number");

    /// <summary>The items of an OpenAI-like list, in the order of the inputs that their member index names.</summary>
    /// <exception cref="FormatException">An input has none, or several.</exception>
    public static JsonElement[] ByIndex(JsonElement reply, int count)
    {
        JsonElement[] items = Items(Member(reply, "data"), "results", count);
        var ordered = new JsonElement?[count];
        foreach (JsonElement item in items)
        {
            JsonElement index = Member(item, "index");
            if (index.ValueKind != JsonValueKind.Number || !index.TryGetInt32(out int at) || at < 0 || at >= count
                || ordered[at] is not null)
            {
                throw new FormatException($"answered with the index {Shown(index)}, where each from 0 to {count - 1} must occur once");
            }

            ordered[at] = item;
        }

        return [.. ordered.Select(item => item!.Value)];
    }

    /// <summary>The numbers of a list as labels that are named by their places, LABEL_0 and so on.</summary>
    public static (string Name, double Number)[] Places(JsonElement numbers) =>
        [.. Items(numbers, "numbers").Select((number, place) => ($"LABEL_{place}", Number(number)))];

    /// <summary>A part of a reply as it is shown to people.</summary>
    public static string Shown(JsonElement reply) => CallerText.Shown(reply.GetRawText());
}
