using System.Text.Json;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Reads the added_tokens of tokenizer.json.</summary>
internal sealed class AddedTokenReader(TokenizerJson json)
{
    internal List<AddedToken> Read(JsonElement root, IReadOnlyDictionary<string, int> vocabulary)
    {
        var tokens = new List<AddedToken>();
        if (!TokenizerJson.TryGet(root, "added_tokens", out var list))
        {
            return tokens;
        }

        var contentOf = vocabulary.ToDictionary(pair => pair.Value, pair => pair.Key);
        foreach (var item in list.EnumerateArray())
        {
            var content = item.GetProperty("content").GetString();
            if (content is "")
            {
                continue;
            }

            if (content is null || !item.GetProperty("id").TryGetInt32(out var id) || id < 0)
            {
                throw json.Fault($"added_tokens: {item.GetRawText()} needs a content and an id from 0 on.");
            }

            if (vocabulary.TryGetValue(content, out var other) && other != id)
            {
                throw json.Fault($"added_tokens gives '{content}' the id {id}, and model.vocab gives it {other}.");
            }

            if (!contentOf.TryAdd(id, content) && contentOf[id] != content)
            {
                throw json.Fault($"added_tokens: '{content}' has the id {id}, which belongs to '{contentOf[id]}'.");
            }

            // If a token appears twice, the last entry counts.
            if (tokens.FindIndex(token => token.Content == content) is var twice and >= 0)
            {
                if (tokens[twice].Id != id)
                {
                    throw json.Fault($"added_tokens: '{content}' appears twice, with the ids {tokens[twice].Id} and {id}.");
                }

                tokens.RemoveAt(twice);
            }

            tokens.Add(new AddedToken(
                id, content, TokenizerJson.Flag(item, "special"), TokenizerJson.Flag(item, "lstrip"), TokenizerJson.Flag(item, "rstrip"),
                TokenizerJson.Flag(item, "single_word"), TokenizerJson.Flag(item, "normalized")));
        }

        return tokens;
    }
}
