using Google.Protobuf;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Replay;

/// <summary>A stream as <c>align --json</c> or <c>buf curl</c> wrote it: one event after the other.</summary>
internal static class Recording
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Reads one.</summary>
    /// <exception cref="CliException">The file is none.</exception>
    public static IReadOnlyList<StreamAlignResponse> Read(FileInfo file)
    {
        try
        {
            using StreamReader text = file.OpenText();
            var events = new List<StreamAlignResponse>();
            foreach (string each in Objects(text.ReadToEnd()))
            {
                events.Add(Parser.Parse<StreamAlignResponse>(each));
            }

            return events.Any(next => next.Final is not null)
                ? events
                : throw new CliException(
                    $"{file.FullName} has no final event: record a whole stream with 'align --json'.", ExitCodes.Usage);
        }
        catch (Exception error) when (error
            is InvalidProtocolBufferException or InvalidJsonException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file.FullName} is not a recorded stream: {error.Message}", ExitCodes.Usage, error);
        }
    }

    /// <summary>Objects one after the other, each on a line of its own or spread over many.</summary>
    private static IEnumerable<string> Objects(string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        int at = 0;
        while (text.Length > 0 && Next(bytes, ref at) is { } one)
        {
            yield return one;
        }
    }

    private static string? Next(byte[] bytes, ref int at)
    {
        while (at < bytes.Length && char.IsWhiteSpace((char)bytes[at]))
        {
            at++;
        }

        if (at == bytes.Length)
        {
            return null;
        }

        try
        {
            var reader = new System.Text.Json.Utf8JsonReader(bytes.AsSpan(at));
            reader.Read();
            reader.Skip();
            int start = at;
            at += (int)reader.BytesConsumed;
            return System.Text.Encoding.UTF8.GetString(bytes.AsSpan(start, at - start));
        }
        catch (System.Text.Json.JsonException broken)
        {
            throw new IOException(broken.Message, broken);
        }
    }
}
