using System.Text.Json;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>Reads the prompts of <c>/v1/completions</c>: a text, token ids, or a list of either.</summary>
internal static class TextPrompts
{
    /// <summary>Reads them.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <exception cref="OpenAiException">There is none, or one has another type.</exception>
    public static IReadOnlyList<Prompt> Read(Dictionary<string, JsonField> fields)
    {
        if (!fields.TryGetValue("prompt", out JsonField prompt))
        {
            throw OpenAiException.Missing("prompt", "is required: a text, or a list of texts.");
        }

        if (prompt.Value.ValueKind != JsonValueKind.Array)
        {
            return [One(prompt)];
        }

        return prompt.Value.GetArrayLength() == 0 ? throw OpenAiException.Value("prompt", "must not be empty.")
            : prompt.Value[0].ValueKind == JsonValueKind.Number ? [One(prompt)]
            : [.. prompt.Items().Take(1 + OpenAiLimits.MostPrompts).Select(One)];
    }

    private static Prompt One(JsonField prompt) => prompt.Value.ValueKind switch
    {
        JsonValueKind.String => new Prompt { Text = prompt.Text() },
        JsonValueKind.Array => new Prompt
        {
            TokenIds = new TokenIds { Ids = { prompt.Items().Select(id => (int)id.Whole(int.MinValue, int.MaxValue)) } },
        },
        _ => throw prompt.Wrong("a text, a list of texts or of token ids"),
    };
}
