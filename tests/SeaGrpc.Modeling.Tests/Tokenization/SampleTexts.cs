using System.Text;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>Texts of many scripts and shapes, and random mixtures of them from a seed.</summary>
internal static class SampleTexts
{
    private static readonly string[] Fragments =
    [
        "Hello", " world", "!", "the quick brown fox", "I'm", "you'LL", "it'S", "don't", "we've'd", "3.14159", "1234567", "2026-11-24", " ",
        "  ", "   ", "\n", "\r\n", "\n\n\n", "\t", " \n ", "\u00A0", "\u3000", "\u2003", "#", "##", "###", "//", "{}[]();", "a_b_c", "C++", "é", "e\u0301",
        "naïve", "Straße", "İstanbul", "ΑΒΓ", "привет мир", "שלום", "مرحبا", "नमस्ते", "ไทย", "한국어", "\u1112\u1161\u11AB", "日本語", "中文字符", "ﬁ",
        "Å", "\u212B", "q\u0307\u0323", "\u0958", "👍", "👩‍👩‍👧", "🇩🇪", "𝐀𝐁𝐂", "𝟘𝟙𝟚", "𐍈", "𠀀", "\u200B", "\u200D", "\u00AD", "½", "²", "Ⅷ", "…", "“quotes”",
        "—", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "\0", "\u0007", "aaaaaaaaaaaaaaaaaaaa", "https://example.org/?q=1&r=2", "\\n", "ॐ", "�",
    ];

    internal static IReadOnlyList<string> All { get; } = Make();

    private static List<string> Make()
    {
        var texts = new List<string> { "" };
        texts.AddRange(Fragments);
        texts.AddRange(Fragments.Select(fragment => " " + fragment + " "));
        var random = new Random(7);
        for (var i = 0; i < 250; i++)
        {
            var text = new StringBuilder();
            for (var count = random.Next(2, 15); count > 0; count--)
            {
                text.Append(Fragments[random.Next(Fragments.Length)]);
            }

            texts.Add(text.ToString());
        }

        return texts;
    }
}
