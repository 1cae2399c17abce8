using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Finds the ids of the tokens that start and end a sequence, and marks control tokens as special.</summary>
internal sealed class SequenceTokenResolver(string folder, TokenizerDefinition definition, SequenceTokens tokens)
{
    internal T Resolve<T>(Func<TokenizerDefinition, int?, IReadOnlySet<int>, T> make) =>
        make(definition with { AddedTokens = WithControlTokens() }, ResolveBos(), ResolveEos());

    private int? ResolveBos() => tokens.AddsBos switch
    {
        false => null,
        true when tokens.BosToken is not null => IdOf(SequenceTokens.ConfigName, "bos_token", tokens.BosToken),
        _ => definition.Template.Start is [var first, ..] ? first : null,
    };

    private HashSet<int> ResolveEos()
    {
        var ids = tokens.EosIds.ToHashSet();
        if (tokens.EosToken is not null)
        {
            ids.Add(IdOf(SequenceTokens.ConfigName, "eos_token", tokens.EosToken));
        }

        return ids.Count > 0
            ? ids
            : throw new CheckpointException(
                folder,
                "nothing says which token ends a response; give eos_token_id in generation_config.json or config.json, "
                + $"or eos_token in {SequenceTokens.ConfigName}.");
    }

    // As transformers does: a token with a role of its own is special, whatever tokenizer.json calls it.
    private List<AddedToken> WithControlTokens()
    {
        var added = definition.AddedTokens.ToList();
        foreach (var content in tokens.ControlTokens.Where(content => content.Length > 0))
        {
            var index = added.FindIndex(token => token.Content == content);
            if (index >= 0)
            {
                added[index] = added[index] with { IsSpecial = true };
            }
            else if (definition.Model.Vocabulary.TryGetValue(content, out var id))
            {
                added.Add(new AddedToken(id, content, IsSpecial: true));
            }
        }

        return added;
    }

    private int IdOf(string file, string key, string content) =>
        definition.AddedTokens.FirstOrDefault(token => token.Content == content)?.Id
        ?? (definition.Model.Vocabulary.TryGetValue(content, out var id)
            ? id
            : throw new CheckpointException(
                Path.Combine(folder, file),
                $"{key} names the token '{content}', which tokenizer.json does not have; add it there, or correct the name."));
}
