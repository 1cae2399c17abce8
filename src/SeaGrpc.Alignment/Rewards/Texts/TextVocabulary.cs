using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>The tokens of a reward model that have the texts of the policy's tokens.</summary>
internal sealed class TextVocabulary
{
    private TextVocabulary(long[] counterparts) => Counterparts = counterparts;

    /// <summary>The reward model's id for each id of the policy: the one with the same text, or -1 if there is none.</summary>
    public long[] Counterparts { get; }

    /// <summary>Compares two tokenizers. Special tokens and pieces of characters have no text of their own.</summary>
    /// <param name="policy">The policy's tokenizer.</param>
    /// <param name="policyRows">Rows of the policy's embedding matrix.</param>
    /// <param name="reward">The reward model's tokenizer.</param>
    /// <param name="rewardRows">Rows of the reward model's embedding matrix.</param>
    public static TextVocabulary Of(Tokenizer policy, int policyRows, Tokenizer reward, int rewardRows)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        foreach ((int id, string text) in Texts(reward, rewardRows))
        {
            if (!ids.TryAdd(text, id) && reward.Encode(text) is [int own])
            {
                ids[text] = own; // A byte has the text of its character, too.
            }
        }

        var counterparts = new long[policyRows];
        Array.Fill(counterparts, -1);
        foreach ((int id, string text) in Texts(policy, policyRows))
        {
            counterparts[id] = ids.GetValueOrDefault(text, -1);
        }

        return new TextVocabulary(counterparts);
    }

    private static IEnumerable<(int Id, string Text)> Texts(Tokenizer tokenizer, int rows)
    {
        // A text is what a token adds after another: some decoders drop the space before the first one.
        int[] before = tokenizer.Encode("a");
        int start = tokenizer.Decode(before).Length;
        for (int id = 0; id < Math.Min(rows, tokenizer.VocabularySize); id++)
        {
            if (tokenizer.TokenOf(id) is not null && !tokenizer.IsSpecial(id))
            {
                string whole = tokenizer.Decode([.. before, id]);
                if (whole.Length > start && !whole.AsSpan(start).Contains('\uFFFD'))
                {
                    yield return (id, whole[start..]);
                }
            }
        }
    }
}
