using System.Text;
using System.Text.Json;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>Reads the messages of a conversation.</summary>
internal static class Conversation
{
    /// <summary>Reads them.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <exception cref="OpenAiException">One is not a text of the system, the user or the assistant.</exception>
    public static Prompt Read(Dictionary<string, JsonField> fields)
    {
        if (!fields.TryGetValue("messages", out JsonField messages))
        {
            throw OpenAiException.Missing("messages", "is required: a list of objects with role and content.");
        }

        return new Prompt { Chat = new Chat { Messages = { messages.Items().Select(Message) } } };
    }

    private static ChatMessage Message(JsonField message)
    {
        JsonField role = message.Member("role")
            ?? throw OpenAiException.Missing($"{message.Param}.role", "is required: system, user or assistant.");
        if (message.Member("tool_calls") is not null || message.Member("function_call") is not null)
        {
            throw OpenAiException.Unsupported($"{message.Param}.tool_calls", "is not supported: messages are texts; omit the message.");
        }

        JsonField content = message.Member("content")
            ?? throw OpenAiException.Missing($"{message.Param}.content", "is required: a text.");
        return new ChatMessage { Role = RoleOf(role), Content = Text(content) };
    }

    private static Role RoleOf(JsonField role) => role.Text() switch
    {
        "system" or "developer" => Role.System,
        "user" => Role.User,
        "assistant" => Role.Assistant,
        "tool" or "function" => throw OpenAiException.Unsupported(role.Param, "cannot be a tool's: there are no tools."),
        var other => throw OpenAiException.Value(
            role.Param, $"must be system, developer, user or assistant, but is {CallerText.Shown(other)}."),
    };

    private static string Text(JsonField content)
    {
        if (content.Value.ValueKind == JsonValueKind.String)
        {
            return content.Text();
        }

        if (content.Value.ValueKind != JsonValueKind.Array)
        {
            throw content.Wrong("a text or a list of parts");
        }

        var text = new StringBuilder();
        foreach (JsonField part in content.Items())
        {
            string kind = (part.Member("type") ?? throw OpenAiException.Missing($"{part.Param}.type", "is required: text.")).Text();
            if (kind != "text")
            {
                throw OpenAiException.Unsupported(
                    $"{part.Param}.type", $"must be text, but is {CallerText.Shown(kind)}: the models read texts alone.");
            }

            text.Append((part.Member("text") ?? throw OpenAiException.Missing($"{part.Param}.text", "is required.")).Text());
        }

        return text.ToString();
    }
}
