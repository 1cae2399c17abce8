using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>
/// The token that fills rows of a classifier. transformers takes the reward at the last id that is not this one, so no text may end with
/// it.
/// </summary>
internal static class PaddingToken
{
    /// <summary>The policy's own padding token, unless texts end with it; otherwise another special token.</summary>
    /// <param name="policy">The policy's folder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="ends">Ids with which texts end.</param>
    /// <returns>Its id; null if no token will do.</returns>
    public static int? Of(string policy, Tokenizer tokenizer, IReadOnlySet<int> ends)
    {
        CheckpointConfig config = CheckpointConfig.Load(policy);
        IReadOnlyDictionary<string, string> roles = SpecialTokenFiles.Read(policy).Roles;
        IEnumerable<int> specials = tokenizer.Vocabulary.Values.Where(tokenizer.IsSpecial).Order();
        // Tokens that begin or end texts come last.
        return new[] { config.PadId, Role("pad_token"), Role("unk_token") }
            .OfType<int>()
            .Concat(specials.OrderBy(id => tokenizer.EosIds.Contains(id) || id == Role("bos_token")))
            .Where(id => id >= 0 && id < config.Transformer.VocabularySize && !ends.Contains(id))
            .Select(id => (int?)id)
            .FirstOrDefault();

        int? Role(string role) =>
            roles.TryGetValue(role, out string? text) && tokenizer.Vocabulary.TryGetValue(text, out int id) ? id : null;
    }
}
