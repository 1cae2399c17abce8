using System.Text;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>Texts of every script and shape from a seed: fragments, mixtures of them, random characters of blocks, runs.</summary>
internal static class SampleTexts
{
    private const int Seed = 7;

    private static readonly string[] Fragments =
    [
        "Hello", " world", "!", "the quick brown fox", "I'm", "you'LL", "it'S", "don't", "we've'd", "'\u017F", "3.14159", "1234567",
        "2026-11-24", " ",
        "  ", "   ", "\n", "\r\n", "\n\n\n", "\t", "\t\t", " \n ", "\u00A0", "\u3000", "\u2003", "\u2028", "\u0085", "\u000B", "\u000C",
        "\r", "\u001C", "#", "##", "###", "//",
        "{}[]();", "a_b_c", "C++", "é", "e\u0301", "\uFB03", "①", "㍿", "ﾊﾝｶｸ", "Ｆｕｌｌ",
        "naïve", "Straße", "İstanbul", "ΑΒΓ", "Σίσυφος", "привет мир", "שלום", "שָׁלוֹם", "مرحبا", "نَصّ", "नमस्ते", "বাংলা", "தமிழ்",
        "ไทย", "ສະບາຍດີ", "ქართული", "Հայերեն", "አማርኛ",
        "한국어", "\u1112\u1161\u11AB", "日本語", "カタカナ", "中文字符", "ﬁ", "မြန်မာ", "ខ្មែរ", "བོད་", "ᏣᎳᎩ", "ᠮᠣᠩᠭᠣᠯ",
        "Å", "\u212B", "q\u0307\u0323", "\u0958", "👍", "👍🏽", "👩‍👩‍👧", "🏳️‍🌈", "🇩🇪", "1️⃣", "𝐀𝐁𝐂", "𝟘𝟙𝟚",
        "𐍈", "𠀀", "𒀀", "\u200B", "\u200D",
        "\u00AD", "\uFEFF", "\u202E",
        "½", "²", "Ⅷ", "…", "“quotes”", "—", "«»", "¿¡", "€£¥", "±×÷", "∑∫√", "→⇒", "<tool_call>", "</tool_call>", "<|fim_prefix|>",
        "<mask>", "<unused7>",
        "\0", "\u0001", "\u0007", "\u001B[0m", "\u007F", "\u0080", "\u009F", "aaaaaaaaaaaaaaaaaaaa", "https://example.org/?q=1&r=2", "\\n",
        "ॐ", "\uFFFD", "\uFFFE", "\uE000",
        "\U000F0000", "▁", "▁▁", "Ġ", "Ċ", "<0x0A>", "<0xFF>", "<s", "s>", "[INST", "]", "|>", "<|", "\uD800", "\uDC00", "\uDBFF a",
        "def f(x):\n    return x ** 2\n", "for (int i = 0; i < n; ++i) {\n\tsum += a[i];\n}", "SELECT * FROM t WHERE a='b';",
        "<div class=\"x\">&amp;</div>",
        "{\"key\": [1, 2.5, null, true]}", "$\\frac{1}{2}$", "| a | b |\n|---|---|\n", "- [ ] item\n", "print(f\"{x!r}\")",
        "x != y && !z || w", "0xDEADBEEF", "1e-10", "user@example.com",
    ];

    // First and last of blocks that every implementation's version of Unicode knows.
    private static readonly (int First, int Last)[] Blocks =
    [
        (0x0, 0x1F), (0x20, 0x7E), (0x20, 0x7E), (0x80, 0xFF), (0x100, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x391, 0x3FF),
        (0x400, 0x4FF), (0x531, 0x556),
        (0x5D0, 0x5EA), (0x620, 0x6D3), (0x710, 0x72F), (0x905, 0x939), (0x93E, 0x94D), (0x985, 0x9B9), (0xA05, 0xA39), (0xA85, 0xAB9),
        (0xB85, 0xBB9), (0xC05, 0xC39),
        (0xC85, 0xCB9), (0xD05, 0xD39), (0xD85, 0xDC6), (0xE01, 0xE3A), (0xE81, 0xEB0), (0xF40, 0xF6C), (0x1000, 0x103F), (0x10D0, 0x10F0),
        (0x1100, 0x11FF), (0x1200, 0x1248),
        (0x13A0, 0x13F4), (0x1401, 0x1676), (0x1780, 0x17B3), (0x1820, 0x1877), (0x1D00, 0x1D7F), (0x1E00, 0x1EFF), (0x1F00, 0x1F15),
        (0x2000, 0x206F), (0x2070, 0x209C),
        (0x20A0, 0x20BF), (0x2100, 0x218B), (0x2190, 0x23FF), (0x2500, 0x27BF), (0x2800, 0x28FF), (0x2C60, 0x2C7F), (0x2E80, 0x2FD5),
        (0x3000, 0x30FF), (0x3131, 0x318E), (0x3200, 0x33FF),
        (0x3400, 0x4DB5), (0x4E00, 0x9FA5), (0xA000, 0xA48C), (0xAC00, 0xD7A3), (0xE000, 0xF8FF), (0xF900, 0xFA6D), (0xFB00, 0xFB4F),
        (0xFE00, 0xFE6B), (0xFF01, 0xFFEE), (0xFFF0, 0xFFFF),
        (0x10000, 0x100FA), (0x10330, 0x1034A), (0x10400, 0x1049D), (0x12000, 0x12399), (0x1D100, 0x1D126), (0x1D400, 0x1D7FF),
        (0x1F000, 0x1F02B), (0x1F1E6, 0x1F1FF), (0x1F300, 0x1F64F),
        (0x1F680, 0x1F6C5), (0x1F900, 0x1F9FF), (0x20000, 0x2A6D6), (0xE0020, 0xE007F), (0xF0000, 0xF00FF),
    ];

    private static readonly string[] Spaces = [" ", "  ", "\n", "\t", "\r\n", "\u00A0", "\u3000", "\u2009"];

    /// <summary>More than 2,000 texts.</summary>
    /// <param name="specials">Texts of special tokens, which are put into some.</param>
    internal static IReadOnlyList<string> Make(IReadOnlyList<string> specials)
    {
        var random = new Random(Seed);
        var texts = new List<string> { "" };
        texts.AddRange(Fragments);
        texts.AddRange(Fragments.Select(fragment => " " + fragment + " "));
        texts.AddRange(Repeat(700, () => Join(random.Next(2, 15), () => Pick(random, Fragments))));
        texts.AddRange(Blocks.SelectMany(block => Repeat(5, () => Join(random.Next(1, 25), () => Character(random, block)))));
        texts.AddRange(Repeat(250, () => Join(random.Next(1, 30), () => Character(random, Pick(random, Blocks)))));
        texts.AddRange(
            Repeat(
                150, () => Join(random.Next(1, 12), () => Join(random.Next(1, 9), () => Pick(random, Spaces)) + Pick(random, Fragments))));
        texts.AddRange(Repeat(60, () => Join(random.Next(2, 200), () => Pick(random, Spaces))));
        texts.AddRange(Repeat(60, () => Join(random.Next(2, 400), Pick(random, Fragments))));
        texts.AddRange(
            specials.Take(20).SelectMany(special => (string[])[special, $"a{special}b", $" {special} ", $"{special}{special}\n{special}"]));
        texts.AddRange(
            Repeat(300, () => Join(random.Next(2, 10), () => random.Next(3) == 0 ? Pick(random, specials) : Pick(random, Fragments))));
        return texts;
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private static IEnumerable<string> Repeat(int count, Func<string> make) => Enumerable.Range(0, count).Select(_ => make());

    private static string Join(int count, string text) => Join(count, () => text);

    private static string Join(int count, Func<string> make) => string.Concat(Repeat(count, make));

    private static string Character(Random random, (int First, int Last) block) =>
        new Rune(random.Next(block.First, block.Last + 1)).ToString();
}
