using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The control tokens that the files of a checkpoint other than tokenizer.json define.</summary>
/// <param name="Roles">
/// Texts by role: bos_token, eos_token and the other roles of transformers, and the model's own (image_token). Roles that are not set are
/// absent.
/// </param>
/// <param name="Named">All tokens that the files define, in the order in which new ones get their ids.</param>
/// <param name="AddsBos">add_bos_token, or null if it is not set.</param>
/// <param name="ClassAddsBos">Whether the tokenizer's class puts BOS first if nothing else decides.</param>
/// <param name="EosIds">eos_token_id of generation_config.json and config.json.</param>
internal sealed record SequenceTokens(
    IReadOnlyDictionary<string, string> Roles,
    IReadOnlyList<NamedToken> Named,
    bool? AddsBos,
    bool ClassAddsBos,
    IReadOnlyList<int> EosIds)
{
    internal const string ConfigName = "tokenizer_config.json";

    /// <exception cref="CheckpointException">A file is damaged, or defines a token in an unsupported form.</exception>
    internal static SequenceTokens Read(string folder)
    {
        var names = SpecialTokenFiles.Read(folder);
        return new SequenceTokens(names.Roles, names.Tokens, names.AddsBos, names.ClassAddsBos, ReadEosIds(folder));
    }

    private static List<int> ReadEosIds(string folder)
    {
        var eosIds = new List<int>();
        foreach (var name in (string[])["generation_config.json", "config.json"])
        {
            var path = Path.Combine(folder, name);
            using var file = CheckpointJson.ParseIfPresent(path);
            if (file?.RootElement.TryGetProperty("eos_token_id", out var value) == true)
            {
                eosIds.AddRange(TokenIds.TryRead(value, out var ids)
                    ? ids
                    : throw new CheckpointException(path, "eos_token_id is neither a token id nor a list of them."));
            }
        }

        return eosIds;
    }
}
