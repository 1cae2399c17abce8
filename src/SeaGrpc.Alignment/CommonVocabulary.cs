using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>The ids that a policy and a reward model share. Only their common range is used; within it they must agree.</summary>
internal sealed class CommonVocabulary
{
    private const int NamedDifferences = 3;
    private readonly string?[] tokens;

    private CommonVocabulary(string?[] tokens) => this.tokens = tokens;

    public static CommonVocabulary Of(PolicyModel policy, RewardModel reward)
    {
        string?[] mine = TextById(policy.Tokenizer);
        string?[] theirs = TextById(reward.Tokenizer);
        int common = Math.Min(mine.Length, theirs.Length);
        List<string> differences = [];
        int count = 0;
        for (int id = 0; id < common; id++)
        {
            if (mine[id] is { } left && theirs[id] is { } right && left != right && ++count <= NamedDifferences)
            {
                differences.Add($"id {id} is \"{left}\" and \"{right}\"");
            }
        }

        if (count > 0)
        {
            throw new VocabularyMismatchException(
                $"The policy {policy.Description.Name} and the reward model {reward.Description.Name} have different vocabularies: " +
                $"{string.Join("; ", differences)}; {count} of {common} ids differ. Use a reward model that was trained from the policy's family.");
        }

        int rows = Math.Min(policy.Decoder.Config.VocabularySize, reward.Decoder.Config.VocabularySize);
        return new CommonVocabulary([.. Enumerable.Range(0, Math.Min(common, rows)).Select(id => theirs[id] is null ? null : mine[id])]);
    }

    /// <summary>The mask of ids that a response may hold, on the policy's device.</summary>
    public Tensor LegalMask(PolicyModel policy, int eos)
    {
        var mask = new float[policy.Decoder.Config.VocabularySize];
        for (int id = 0; id < mask.Length; id++)
        {
            bool legal = id == eos || (id < tokens.Length && tokens[id] is not null && !policy.Tokenizer.IsSpecial(id));
            mask[id] = legal ? 0 : float.NegativeInfinity;
        }

        return tensor(mask, device: policy.Decoder.Device).DetachFromDisposeScope();
    }

    private static string?[] TextById(Tokenizer tokenizer)
    {
        var texts = new string?[tokenizer.VocabularySize];
        foreach ((string text, int id) in tokenizer.Vocabulary)
        {
            texts[id] = text;
        }

        return texts;
    }
}
