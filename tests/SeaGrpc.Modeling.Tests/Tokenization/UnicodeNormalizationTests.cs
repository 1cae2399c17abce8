using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

public sealed class UnicodeNormalizationTests : IDisposable
{
    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\uD558\u11AB", "\uD55C")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("s\u0307\u0323", "\u1E69")]
    [InlineData("a\u0315\u0300\u05AE\u0301b", "\u00E0\u05AE\u0301\u0315b")]
    [InlineData("\u0301e", "\u0301e")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307")]
    [InlineData("ﬁ", "ﬁ")]
    public void Text_is_composed_as_unicode_says(string text, string expected)
    {
        _folder.Json["normalizer"] = new System.Text.Json.Nodes.JsonObject { ["type"] = "NFC" };
        var tokenizer = Tokenizer.Load(_folder.Write());
        Assert.Equal(expected, tokenizer.Decode(tokenizer.Encode(text)));
    }
}
