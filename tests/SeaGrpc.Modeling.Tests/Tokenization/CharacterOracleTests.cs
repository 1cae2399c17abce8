using System.Text;
using System.Text.Json;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Tokenization.Characters;
using SeaGrpc.Modeling.Tokenization.Normalization;
using SeaGrpc.Modeling.Tokenization.PreTokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>Every code point, and sequences of marks, beside Hugging Face's tokenizers in Rust.</summary>
[Trait("tier", "slow")]
public sealed class CharacterOracleTests
{
    private const int RowLength = 4096;
    private const int Seed = 13;

    private static readonly string[] Normalizers = ["NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Lowercase"];

    private static readonly string[] PreTokenizers =
    [
        """{"type":"Whitespace"}""",
        """{"type":"WhitespaceSplit"}""",
        """{"type":"BertPreTokenizer"}""",
        """{"type":"Punctuation","behavior":"Contiguous"}""",
        """{"type":"Digits","individual_digits":false}""",
        .. (
            (string[])
                [
                    @"\w",
                    @"\W",
                    @"\d",
                    @"\s",
                    @"\b.",
                    @"\w\B\w",
                    @"[^\w\s]",
                    @"[\W\d]",
                    @"[^\W_]",
                    @"\p{L}",
                    @"\p{N}",
                    @"\p{M}",
                    @"\p{P}",
                    @"\p{S}",
                    @"\p{Lu}",
                    @"\p{Mn}",
                ]
        ).Select(pattern =>
            JsonSerializer.Serialize(
                new
                {
                    type = "Split",
                    pattern = new { Regex = pattern },
                    behavior = "Contiguous",
                    invert = false,
                }
            )
        ),
    ];

    private static readonly string[][] Rows = [.. Enumerable.Range(1, 0x10FFFF)
        .Where(Rune.IsValid)
        .Select(c => new Rune(c).ToString())
        .Chunk(RowLength)];

    [Fact]
    public async Task Every_code_point_is_taken_as_by_the_reference()
    {
        var texts = Sequences();
        var answer = await Oracle.AskAsync(new
        {
            kind = "characters",
            normalizers = Normalizers.Select(type => new { type }),
            preTokenizers = PreTokenizers.Select(part => JsonSerializer.Deserialize<JsonElement>(part)),
            texts,
        });
        var differences = new List<string>();
        for (var i = 0; i < Normalizers.Length; i++)
        {
            CompareNormalizer(Normalizers[i], answer.GetProperty("changed")[i], answer.GetProperty("normalized")[i], texts, differences);
        }

        for (var i = 0; i < PreTokenizers.Length; i++)
        {
            ComparePreTokenizer(PreTokenizers[i], answer.GetProperty("lengths")[i], differences);
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences\n{string.Join('\n', differences.Take(30))}");
    }

    [Fact]
    public void Characters_are_shown_to_expressions_as_ones_of_their_category() => Assert.All(
        Rows.SelectMany(row => row).Select(c => char.ConvertToUtf32(c, 0)).Where(c => c > 0xFFFF),
        c =>
        {
            var shown = ShownText.Representative(c);
            Assert.Equal(CharacterData.CategoryOf(c), char.GetUnicodeCategory(shown));
            Assert.Equal(CharacterData.CategoryOf(c), CharacterData.CategoryOf(shown));
            Assert.Equal(CharacterData.IsPatternWord(c), CharacterData.IsPatternWord(shown));
        });

    private static void CompareNormalizer(
        string type, JsonElement changed, JsonElement normalized, string[] texts, List<string> differences)
    {
        var normalize = Normalizer(type);
        var expected = changed.EnumerateArray().ToDictionary(pair => pair[0].GetInt32(), pair => pair[1].GetString()!);
        foreach (var c in Rows.SelectMany(row => row).Where(c => c != "\n"))
        {
            var point = char.ConvertToUtf32(c, 0);
            if (normalize(c) != expected.GetValueOrDefault(point, c))
            {
                differences.Add($"{type} of U+{point:X4}: {Escape(normalize(c))}, Rust {Escape(expected.GetValueOrDefault(point, c))}");
            }
        }

        differences.AddRange(texts
            .Where((text, i) => normalize(text) != normalized[i].GetString())
            .Select(text => $"{type} of {Escape(text)}: {Escape(normalize(text))}"));
    }

    private static void ComparePreTokenizer(string part, JsonElement lengths, List<string> differences)
    {
        using var json = JsonDocument.Parse($$"""{"pre_tokenizer":{{part}}}""");
        var steps = new PreTokenizerReader(new TokenizerJson("tokenizer.json")).Read(json.RootElement);
        var pieces = Rows.SelectMany(row => steps.Split(new Piece(string.Concat(row), true))).ToList();
        var expected = lengths.EnumerateArray().Select(length => length.GetInt32()).ToList();
        var first = pieces.Zip(expected).TakeWhile(pair => pair.First.Length == pair.Second).Count();
        if (first < Math.Max(pieces.Count, expected.Count))
        {
            var text = first < pieces.Count ? pieces[first] : "";
            differences.Add(
                $"{part}: {pieces.Count} pieces, Rust {expected.Count}; piece {first} of {text.Length} units begins with "
                    + $"{Escape(text[..Math.Min(4, text.Length)])}");
        }
    }

    private static Func<string, string> Normalizer(string type)
    {
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(new { normalizer = new { type } }));
        return new NormalizerReader(new TokenizerJson("tokenizer.json")).Read(json.RootElement)!;
    }

    // Letters that decompose, marks of all classes, parts of syllables, in random order.
    private static string[] Sequences()
    {
        var random = new Random(Seed);
        var marks = NormalizationData.Instance.Classes.Keys.ToArray();
        var letters = NormalizationData
            .Instance.Decompositions.Keys.Concat(NormalizationData.Instance.Compositions.Keys.Select(pair => pair.First))
            .ToArray();
        return
        [
            .. Enumerable
                .Range(0, 4000)
                .Select(_ =>
                    string.Concat(
                        Enumerable
                            .Range(0, random.Next(2, 9))
                            .Select(_ =>
                                new Rune(
                                    random.Next(8) switch
                                    {
                                        0 or 1 => letters[random.Next(letters.Length)],
                                        2 => random.Next(0x1100, 0x1113),
                                        3 => random.Next(0x1161, 0x1176),
                                        4 => random.Next(0x11A7, 0x11C3),
                                        5 => random.Next(0xAC00, 0xD7A4),
                                        _ => marks[random.Next(marks.Length)],
                                    }
                                ).ToString()
                            )
                    )
                ),
        ];
    }

    private static string Escape(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => $"U+{rune.Value:X4}"));
}
