using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>
/// The ids that a policy and the models that read its answers have in common. Within the common range, ordinary tokens must agree. Special
/// tokens may differ, because families reassign them. No response contains an id whose special tokens differ or that one model lacks.
/// </summary>
public sealed class CommonVocabulary
{
    private const int NamedDifferences = 3;
    private readonly bool[] _isCommon;

    private CommonVocabulary(bool[] isCommon) => _isCommon = isCommon;

    /// <summary>Number of ids with the same meaning in all models.</summary>
    public int Count => _isCommon.Count(common => common);

    /// <summary>Compares vocabularies id by id.</summary>
    /// <param name="policy">The policy's vocabulary.</param>
    /// <param name="readers">The vocabularies of the models that read its answers.</param>
    /// <exception cref="VocabularyMismatchException">An ordinary token differs. The message names the first ones.</exception>
    public static CommonVocabulary Of(ModelVocabulary policy, IReadOnlyList<ModelVocabulary> readers)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(readers);
        string?[] mine = TextById(policy.Tokenizer, policy.Rows);
        bool[] isCommon = [.. mine.Select(text => text is not null)];
        foreach (ModelVocabulary reader in readers)
        {
            string?[] theirs = TextById(reader.Tokenizer, reader.Rows);
            for (int id = 0; id < mine.Length; id++)
            {
                isCommon[id] &= mine[id] == (id < theirs.Length ? theirs[id] : null);
            }

            int[] differences = [.. Differences(policy, mine, reader, theirs)];
            if (differences.Length > 0)
            {
                IEnumerable<string> named = differences.Take(NamedDifferences)
                    .Select(id => $"id {id} is \"{mine[id]}\" and \"{theirs[id]}\"");
                throw new VocabularyMismatchException(
                    $"The {policy.Role} {policy.Name} and the {reader.Role} {reader.Name} have different vocabularies: "
                        + $"{string.Join("; ", named)}; {differences.Length} of {Math.Min(mine.Length, theirs.Length)} ids differ. "
                        + "Use one that was trained from the policy's family, or a reward model, which may have any vocabulary.");
            }
        }

        return new CommonVocabulary(isCommon);
    }

    /// <summary>Whether the ordinary tokens of a reader's ids are the policy's, as far as both have them.</summary>
    /// <param name="policy">The policy's vocabulary.</param>
    /// <param name="reader">The vocabulary of a model that reads its answers.</param>
    public static bool IsOne(ModelVocabulary policy, ModelVocabulary reader)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(reader);
        return !Differences(
            policy, TextById(policy.Tokenizer, policy.Rows), reader, TextById(reader.Tokenizer, reader.Rows)).Any();
    }

    /// <summary>The mask of ids that a response may contain, on the policy's device.</summary>
    internal Tensor LegalMask(PolicyModel policy, int eos)
    {
        var mask = new float[policy.Description.VocabularySize];
        for (int id = 0; id < mask.Length; id++)
        {
            bool legal = id == eos || (_isCommon[id] && !policy.Tokenizer.IsSpecial(id));
            mask[id] = legal ? 0 : float.NegativeInfinity;
        }

        return tensor(mask, device: policy.Device).DetachFromDisposeScope();
    }

    // Ordinary tokens with the same id and other texts.
    private static IEnumerable<int> Differences(ModelVocabulary policy, string?[] mine, ModelVocabulary reader, string?[] theirs) =>
        Enumerable.Range(0, Math.Min(mine.Length, theirs.Length)).Where(id =>
            mine[id] is not null
            && theirs[id] is not null
            && mine[id] != theirs[id]
            && !policy.Tokenizer.IsSpecial(id)
            && !reader.Tokenizer.IsSpecial(id));

    // Leaves out ids that the tokenizer has but the model has no row for. Rows without a token (padding) are null.
    private static string?[] TextById(Tokenizer tokenizer, int rows)
    {
        var texts = new string?[rows];
        foreach ((string text, int id) in tokenizer.Vocabulary)
        {
            if (id < rows)
            {
                texts[id] = text;
            }
        }

        return texts;
    }
}

/// <summary>A model's vocabulary.</summary>
/// <param name="Role">Role of the model in messages: policy, reward model.</param>
/// <param name="Name">Its name.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Rows">Rows of its embedding matrix.</param>
public sealed record ModelVocabulary(string Role, string Name, Tokenizer Tokenizer, int Rows);
