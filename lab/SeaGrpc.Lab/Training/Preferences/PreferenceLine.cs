using System.Text.Json;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>
/// One line of a file of preference pairs: <c>prompt</c> (a text or a list of messages) or <c>messages</c>, <c>chosen</c> and
/// <c>rejected</c> (a text, or a list with one assistant message); <c>kind</c> and <c>split</c> if wanted. Other fields are ignored.
/// </summary>
internal static class PreferenceLine
{
    private const string Form = """{"prompt": "...", "chosen": "...", "rejected": "..."}""";

    /// <summary>Reads a line.</summary>
    /// <exception cref="InvalidDataException">It is no pair; the message says what to change, without the line's number.</exception>
    public static PreferencePair Parse(string line, int number)
    {
        if (DatasetText.IsSpoilt(line))
        {
            throw new InvalidDataException("it is not UTF-8; save the file as UTF-8");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return Pair(document.RootElement, number);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"it is not JSON ({error.Message}); write one object a line: {Form}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException("a text has half of a surrogate pair (\\uD800 to \\uDFFF); remove it", error);
        }
    }

    private static PreferencePair Pair(JsonElement root, int number)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"it is a JSON {Name(root)}, not an object; write {Form}");
        }

        IReadOnlyList<ChatMessage> conversation = Conversation(root);
        string chosen = Answer(root, "chosen");
        string rejected = Answer(root, "rejected");
        return chosen != rejected
            ? new PreferencePair(number, conversation, chosen, rejected, Label(root, "kind"), Label(root, "split"))
            : throw new InvalidDataException("chosen and rejected are the same text, which says nothing; remove the pair");
    }

    private static IReadOnlyList<ChatMessage> Conversation(JsonElement root)
    {
        (JsonElement? prompt, JsonElement? messages) = (Field(root, "prompt"), Field(root, "messages"));
        return (prompt, messages) switch
        {
            (null, null) => throw new InvalidDataException("it has neither prompt nor messages; add one of them"),
            ({ ValueKind: JsonValueKind.String } text, null) => [new ChatMessage("user", text.GetString()!)],
            ({ } list, null) => Messages(list, "prompt", "a text or a list of messages"),
            (null, { } list) => Messages(list, "messages", "a list of messages"),
            _ => throw new InvalidDataException("it has both prompt and messages; leave one out"),
        };
    }

    private static IReadOnlyList<ChatMessage> Messages(JsonElement list, string field, string wanted)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            string found = list.ValueKind == JsonValueKind.Array ? "empty" : Name(list);
            throw new InvalidDataException($"{field} must be {wanted}, not {found}");
        }

        return [.. list.EnumerateArray().Select(message => Message(message, field))];
    }

    private static ChatMessage Message(JsonElement message, string field) =>
        message.ValueKind == JsonValueKind.Object
        && Field(message, "role") is { ValueKind: JsonValueKind.String } role
        && Field(message, "content") is { ValueKind: JsonValueKind.String } content
            ? new ChatMessage(role.GetString()!, content.GetString()!)
            : throw new InvalidDataException($$"""a message of {{field}} must be {"role": "user", "content": "a text"}""");

    private static string Answer(JsonElement root, string field)
    {
        switch (Field(root, field))
        {
            case null:
                throw new InvalidDataException($"it has no {field}; add it as a text");
            case { ValueKind: JsonValueKind.String } text:
                return text.GetString()!;
            case { ValueKind: JsonValueKind.Array } list
                when list.GetArrayLength() == 1 && Message(list[0], field) is { Role: "assistant" } only:
                return only.Content;
            case { ValueKind: JsonValueKind.Array }:
                throw new InvalidDataException(
                    $"{field} must be a text or a list with one message of the role assistant; move earlier messages to prompt");
            case { } other:
                throw new InvalidDataException($"{field} must be a text, not {Name(other)}");
        }
    }

    private static string? Label(JsonElement root, string field) => Field(root, field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw new InvalidDataException($"{field} must be a text, not {Name(other)}"),
    };

    private static JsonElement? Field(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Name(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();
}
