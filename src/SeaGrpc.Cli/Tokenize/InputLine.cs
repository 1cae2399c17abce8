using System.Text.Json;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Cli.Tokenize;

/// <summary>A line of standard input: a JSON string, or a list of messages.</summary>
internal static class InputLine
{
    /// <summary>Encodes what the line says.</summary>
    /// <exception cref="CliException">It is neither, or the chat template rejects it; the message has the line's number.</exception>
    public static EncodedText Encode(string line, int number, TextEncoder texts)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.String => texts.EncodeText(document.RootElement.GetString()!),
                JsonValueKind.Array => texts.EncodeChat([.. document.RootElement.EnumerateArray().Select(ReadMessage)]),
                _ => throw new CliException("it is neither a string nor a list of {\"role\", \"content\"}.", ExitCodes.Usage),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CliException(
                $"Line {number}: it is neither a JSON string nor a list of {{\"role\", \"content\"}} ({error.Message})",
                ExitCodes.Usage,
                error);
        }
        catch (CliException error)
        {
            throw new CliException($"Line {number}: {error.Message}", error.ExitCode, error);
        }
    }

    private static ChatMessage ReadMessage(JsonElement message) =>
        new(message.GetProperty("role").GetString() ?? "", message.GetProperty("content").GetString() ?? "");
}
