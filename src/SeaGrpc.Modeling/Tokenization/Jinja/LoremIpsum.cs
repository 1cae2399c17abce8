namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The text of <c>lipsum()</c>: meaningless paragraphs. Jinja's are random; these are always the same.</summary>
internal static class LoremIpsum
{
    private const long MaxParagraphs = 100;
    private const long MaxWords = 1000;

    private static readonly string[] Words =
    [
        "lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing", "elit", "sed", "do", "eiusmod", "tempor", "incididunt", "ut",
        "labore",
        "et", "dolore", "magna", "aliqua",
    ];

    internal static object Write(JinjaValues arguments)
    {
        arguments.Expect("lipsum", 0, "n", "html", "min", "max");
        var (count, least, most) = (arguments.Integer(0, "n", 5), arguments.Integer(2, "min", 20), arguments.Integer(3, "max", 100));
        if (count > MaxParagraphs || least >= most || most > MaxWords)
        {
            throw JinjaFault.Because(
                $"lipsum gives at most {MaxParagraphs} paragraphs of at most {MaxWords} words, and min is less than max");
        }

        var text = string.Join(' ', Enumerable.Range(0, (int)Math.Max(1, least)).Select(i => Words[i % Words.Length]));
        var paragraphs = Enumerable.Repeat(char.ToUpperInvariant(text[0]) + text[1..] + ".", (int)Math.Max(0, count));
        return arguments.Truth(1, "html", true)
            ? new JinjaMarkup(string.Join('\n', paragraphs.Select(paragraph => $"<p>{paragraph}</p>")))
            : string.Join("\n\n", paragraphs);
    }
}
