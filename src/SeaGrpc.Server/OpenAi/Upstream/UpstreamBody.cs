using System.Buffers;
using System.Text.Json;
using SeaGrpc.Server.OpenAi.Requests;

namespace SeaGrpc.Server.OpenAi.Upstream;

/// <summary>Writes the request that the backend gets: the caller's own, but for what is done here.</summary>
internal static class UpstreamBody
{
    private static readonly string[] Replaced = ["model", "n", "stream", "stream_options", "seed", "sea"];

    /// <summary>Writes one.</summary>
    /// <param name="request">The caller's request.</param>
    /// <param name="model">The backend's model.</param>
    /// <param name="prompt">Place of the prompt.</param>
    /// <param name="count">Number of drafts.</param>
    /// <param name="seed">The seed, or null.</param>
    public static ReadOnlyMemory<byte> Of(CompletionRequest request, string model, int prompt, int count, long? seed)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (JsonProperty field in request.Body.EnumerateObject())
            {
                if (Replaced.Contains(field.Name) || field.Value.ValueKind == JsonValueKind.Null)
                {
                    continue;
                }

                if (field.Name == "prompt" && request.Prompts.Count > 1)
                {
                    json.WritePropertyName("prompt");
                    field.Value[prompt].WriteTo(json);
                }
                else
                {
                    field.WriteTo(json);
                }
            }

            json.WriteString("model", model);
            json.WriteBoolean("stream", false);
            if (count > 1)
            {
                json.WriteNumber("n", count);
            }

            if (seed is { } given)
            {
                json.WriteNumber("seed", given);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
