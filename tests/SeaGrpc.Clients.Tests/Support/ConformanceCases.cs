using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>clients/conformance/cases.json, and what runners are given of it: names filled in, long texts written out.</summary>
internal static class ConformanceCases
{
    private const string Kettle =
        """{ "chat": { "messages": [ { "role": "ROLE_USER", "content": "My kettle is leaking, what can you do?" } ] } }""";

    public static JsonArray Load() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "clients", "conformance", "cases.json")))!.AsArray();

    /// <summary>
    /// The cases as one language's runner reads them; those whose server is an at sign and a word without a meaning are left out.
    /// </summary>
    public static JsonArray For(string language, IReadOnlyDictionary<string, string> names)
    {
        JsonArray cases = [.. Load().Where(each => IsNamed((string)each!["server"]!, names)).Select(each => each!.DeepClone())];
        foreach (JsonNode? each in cases)
        {
            each!.AsObject().Remove("expect");
        }

        return Expand(cases, language, names)!.AsArray();
    }

    private static bool IsNamed(string server, IReadOnlyDictionary<string, string> names) =>
        !server.StartsWith('@') || names.ContainsKey(server);

    /// <summary>A value with the language's name in it.</summary>
    public static string Named(string text, string language) => text.Replace("{language}", language, StringComparison.Ordinal);

    private static JsonNode? Expand(JsonNode? node, string language, IReadOnlyDictionary<string, string> names) => node switch
    {
        JsonObject repeat when repeat["$repeat"] is JsonArray and [JsonValue text, { } times]
            && text.GetValueKind() == JsonValueKind.String =>
            string.Concat(Enumerable.Repeat((string)text!, (int)times)),
        JsonObject repeat when repeat["$repeat"] is JsonArray and [{ } element, { } times] =>
            new JsonArray([.. Enumerable.Range(0, (int)times).Select(_ => Expand(element, language, names))]),
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Expand(field.Value, language, names)))),
        JsonArray items => new JsonArray([.. items.Select(item => Expand(item, language, names))]),
        JsonValue value when value.TryGetValue(out string? text) =>
            text == "@kettle" ? JsonNode.Parse(Kettle) : names.GetValueOrDefault(text) ?? Named(text, language),
        _ => node?.DeepClone(),
    };
}
