using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Finds the ids of the tokens that start and end a sequence.</summary>
internal sealed class SequenceTokenResolver(string folder, TokenizerDefinition definition, SequenceTokens tokens)
{
    /// <summary>
    /// add_bos_token decides if it is set. Otherwise it is the first token of the post_processor, or if there is none, the BOS of the
    /// tokenizer's class.
    /// </summary>
    internal int? ResolveBos()
    {
        var bos = tokens.Roles.GetValueOrDefault("bos_token");
        return tokens.AddsBos switch
        {
            false => null,
            true when bos is not null => IdOf("bos_token", bos),
            _ => definition.Template is { Start: [var first, ..] } ? first
                : tokens.ClassAddsBos && bos is not null && definition.Template.End.Count == 0 ? FindId(bos)
                : null,
        };
    }

    internal HashSet<int> ResolveEos()
    {
        var ids = tokens.EosIds.ToHashSet();
        if (tokens.Roles.GetValueOrDefault("eos_token") is { } eos)
        {
            if (FindId(eos) is { } id)
            {
                ids.Add(id);
            }
            else if (ids.Count == 0)
            {
                IdOf("eos_token", eos);
            }
        }

        return ids.Count > 0
            ? ids
            : throw new CheckpointException(
                folder,
                "nothing says which token ends a response; give eos_token_id in generation_config.json or config.json, "
                    + $"or eos_token in {SequenceTokens.ConfigName}."
            );
    }

    private int? FindId(string content) =>
        definition.AddedTokens.FirstOrDefault(token => token.Content == content)?.Id
        ?? (definition.Model.Vocabulary.TryGetValue(content, out var id) ? id : null);

    private int IdOf(string role, string content) =>
        FindId(content)
        ?? throw new CheckpointException(
            tokens.Named.FirstOrDefault(token => token.Content == content)?.Path ?? Path.Combine(folder, SequenceTokens.ConfigName),
            $"{role} names the token '{content}', for which the model has no embedding, or which tokenizer.json does not have; "
                + "add it there, or correct the name."
        );
}
