using System.Text.Json;

namespace SeaGrpc.Testing;

/// <summary>
/// Tiny reward models whose tokenizer is not <see cref="TinyCheckpoint"/>'s: characters with byte fallback, in the manner of SentencePiece,
/// with merges that go across words, so that the ids of a longer text do not start with those of a shorter one.
/// </summary>
public static class OtherVocabulary
{
    private const int Merges = 150;

    /// <summary>Texts that the merges are learnt from, and that are worth editing.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "The answer is that the kettle leaks, so the team will answer the call.",
        "Die Straße ist groß, und die Tür des Hauses schließt nicht mehr.",
        "La réponse est « oui », même si l'été était déjà passé.",
        "Ответ такой: чайник течёт, и команда ответит на звонок.",
        "答案是水壶漏水，所以团队会接电话。我们明天再来。",
        "やかんが漏れているので、チームが電話に出ます。",
        "الجواب هو أن الغلاية تسرب الماء",
        "🙂🙃 ok 👩‍👩‍👧 yes\n\nno  no   no\t1234567890",
    ];

    /// <summary>Writes a reward model with this tokenizer.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="seed">Seed of the weights.</param>
    public static void WriteReward(string folder, ulong seed)
    {
        (Dictionary<string, int> vocabulary, List<string[]> merges) = Learn();
        TinyCheckpoint.WriteReward(
            folder, seed, new TinyShape(Hidden: 24, Heads: 3, AddedTokens: vocabulary.Values.Max() + 1 - TinyCheckpoint.VocabularySize));
        string path = Path.Combine(folder, "tokenizer.json");
        using JsonDocument own = JsonDocument.Parse(File.ReadAllText(path));
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            version = "1.0",
            added_tokens = own.RootElement.GetProperty("added_tokens").EnumerateArray()
                .Where(token => token.GetProperty("id").GetInt32() < TinyCheckpoint.VocabularySize),
            normalizer = new { type = "Replace", pattern = new { String = " " }, content = "\u2581" },
            decoder = new
            {
                type = "Sequence",
                decoders = new object[]
                {
                    new { type = "Replace", pattern = new { String = "\u2581" }, content = " " },
                    new { type = "ByteFallback" },
                    new { type = "Fuse" },
                },
            },
            model = new { type = "BPE", byte_fallback = true, vocab = vocabulary, merges },
        }));
    }

    private static (Dictionary<string, int> Vocabulary, List<string[]> Merges) Learn()
    {
        var vocabulary = Enumerable.Range(0, 256).ToDictionary(value => $"<0x{value:X2}>", value => value);
        int next = TinyCheckpoint.VocabularySize;
        List<List<string>> texts =
            [.. Texts.Take(6).Select(text => text.Replace(' ', '\u2581').EnumerateRunes().Select(rune => rune.ToString()).ToList())];
        foreach (string character in texts.SelectMany(text => text).Distinct())
        {
            vocabulary[character] = next++;
        }

        List<string[]> merges = [];
        while (merges.Count < Merges)
        {
            (string First, string Second) pair = texts
                .SelectMany(text => text.Zip(text.Skip(1)))
                .Where(both => !vocabulary.ContainsKey(both.First + both.Second))
                .GroupBy(both => both)
                .MaxBy(group => group.Count())!
                .Key;
            merges.Add([pair.First, pair.Second]);
            vocabulary[pair.First + pair.Second] = next++;
            texts.ForEach(text => Merge(text, pair));
        }

        return (vocabulary, merges);
    }

    private static void Merge(List<string> text, (string First, string Second) pair)
    {
        for (int at = 0; at + 1 < text.Count; at++)
        {
            if (text[at] == pair.First && text[at + 1] == pair.Second)
            {
                text[at] += pair.Second;
                text.RemoveAt(at + 1);
            }
        }
    }
}
