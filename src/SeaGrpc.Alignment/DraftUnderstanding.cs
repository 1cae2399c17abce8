using System.Text;

namespace SeaGrpc.Alignment;

/// <summary>
/// Whether a policy understands a caller's draft, so that its scores say something about it: the draft surprises it little, for the length
/// of its text.
/// </summary>
/// <remarks>
/// <para>A token's probability alone says little. Letters typed at random are many short tokens, each of which is as likely as many another
/// letter after those before. A text that is understood has long tokens, so its surprise is small for each of its bytes: below 1 nat where
/// typed letters have 3 to 5. docs/algorithm.md has the measurements.</para>
/// <para>A policy that is unsure of everything, its own answers included, pays its entropy for every token. Nearly that much is allowed:
/// with what a byte may surprise, all of it where a token is a byte.</para>
/// </remarks>
internal static class DraftUnderstanding
{
    /// <summary>Surprise that is allowed for each byte of the text, in nats.</summary>
    public const double NatsPerByte = 0.75;

    /// <summary>Share of the policy's entropy that is allowed for each token.</summary>
    public const double EntropyShare = 0.9;

    /// <summary>Most that one token counts, in nats: damage is local, however much it surprises.</summary>
    public const double Most = 10;

    /// <summary>Surprise that is allowed for any text, in nats: one rare word says nothing.</summary>
    public const double Allowance = 8;

    /// <summary>Has the policy read a draft, at temperature 1 whatever the run's is. The passes are not charged.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt, which the run has read.</param>
    /// <param name="draft">The draft's ids, without EOS.</param>
    public static bool Of(AlignmentModels models, PromptState prompt, IReadOnlyList<int> draft)
    {
        // Whether the draft ends is another matter, unless there is nothing else.
        (IReadOnlyList<float> surprisal, double entropy) =
            prompt.Policy.Surprise(draft.Count > 0 ? draft : [models.Prompts.EosId]);
        return Of(surprisal, entropy, Encoding.UTF8.GetByteCount(models.Policy.Tokenizer.Decode(draft)));
    }

    /// <summary>Whether a text surprises little.</summary>
    /// <param name="surprisal">-log p of its tokens, in nats.</param>
    /// <param name="entropy">Entropy of the policy's own first token, in nats.</param>
    /// <param name="bytes">Length of the text in UTF-8.</param>
    public static bool Of(IReadOnlyList<float> surprisal, double entropy, int bytes) =>
        surprisal.Sum(value => Math.Min(value, Most)) <= Allowance + (EntropyShare * surprisal.Count * entropy) + (NatsPerByte * bytes);
}
