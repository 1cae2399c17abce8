using System.Text;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>Merging by parts that are remembered, against merging the whole piece step by step.</summary>
public sealed class GeneralMergerTests
{
    private const string Alphabet = "abc\u2581d\u00E9\u4F60";
    private const string Others = "xyz\u00FC\u597D";

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Parts_give_the_ids_of_the_whole(bool hasBytes, bool fuses)
    {
        var random = new Random(hasBytes ? 1 : 2);
        for (int trial = 0; trial < 20; trial++)
        {
            BytePairModel model = Model(random, hasBytes, fuses);
            var merger = new GeneralMerger(model);
            for (int text = 0; text < 100; text++)
            {
                string piece = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(
                    _ => random.Next(6) == 0 ? Others[random.Next(Others.Length)] : Alphabet[random.Next(Alphabet.Length)]));
                List<int> ids = [7];
                merger.Merge(piece, ids);
                Assert.Equal([7, .. Stepwise(model, piece)], ids);
            }
        }
    }

    [Fact]
    public void More_texts_than_are_remembered_change_nothing()
    {
        BytePairModel model = Model(new Random(3), hasBytes: true, fuses: true);
        var merger = new GeneralMerger(model);
        for (int text = 0; text < 40_000; text++)
        {
            List<int> ids = [];
            string piece = $"a\u00FC{text}b";
            merger.Merge(piece, ids);
            if (text % 5_000 == 0)
            {
                Assert.Equal(Stepwise(model, piece), ids);
            }
        }
    }

    private static BytePairModel Model(Random random, bool hasBytes, bool fuses)
    {
        List<string> tokens = [.. Alphabet.Select(character => character.ToString())];
        List<(string Left, string Right)> merges = [];
        while (merges.Count < 25)
        {
            (string left, string right) = (tokens[random.Next(tokens.Count)], tokens[random.Next(tokens.Count)]);
            if (!tokens.Contains(left + right))
            {
                merges.Add((left, right));
                tokens.Add(left + right);
            }
        }

        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        var vocabulary = tokens.Concat(bytes).Append("<unk>").Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        return new BytePairModel(
            vocabulary,
            [.. merges.Select(merge => (vocabulary[merge.Left], vocabulary[merge.Right], vocabulary[merge.Left + merge.Right]))],
            IgnoresMerges: false,
            // One byte is missing, so a character that needs it is unknown.
            hasBytes ? [.. bytes.Select((name, value) => value == 0xBC ? -1 : vocabulary[name])] : null,
            vocabulary["<unk>"],
            fuses);
    }

    /// <summary>The first merge that applies anywhere, at its first place, again and again.</summary>
    private static List<int> Stepwise(BytePairModel model, string piece)
    {
        List<int> ids = [];
        bool waits = false;
        foreach (Rune rune in piece.EnumerateRunes())
        {
            byte[] bytes = Encoding.UTF8.GetBytes(rune.ToString());
            if (model.Vocabulary.TryGetValue(rune.ToString(), out int id))
            {
                AddUnknown();
                ids.Add(id);
            }
            else if (model.ByteIds is { } spelt && bytes.All(value => spelt[value] >= 0))
            {
                ids.AddRange(bytes.Select(value => spelt[value]));
            }
            else
            {
                if (!model.FusesUnknown)
                {
                    AddUnknown();
                }

                waits = true;
            }
        }

        AddUnknown();
        while (true)
        {
            (int rank, int at) = (int.MaxValue, -1);
            for (int index = 0; index + 1 < ids.Count; index++)
            {
                int own = model.Merges.ToList().FindIndex(merge => merge.Left == ids[index] && merge.Right == ids[index + 1]);
                (rank, at) = own >= 0 && own < rank ? (own, index) : (rank, at);
            }

            if (at < 0)
            {
                return ids;
            }

            ids[at] = model.Merges[rank].Id;
            ids.RemoveAt(at + 1);
        }

        void AddUnknown()
        {
            if (waits)
            {
                ids.Add(model.UnknownId!.Value);
                waits = false;
            }
        }
    }
}
