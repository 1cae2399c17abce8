using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>Determines whether a chat template writes answers unchanged, by rendering some that templates are known to change.</summary>
internal static class AnswerProbes
{
    // Surrounding blanks, thoughts, markup, letters of both cases, an empty answer, a long one.
    private static readonly string[] Answers =
    [
        "a", " a", "a ", "\na", "a\n", "\n\na b\n\n", "\ta\t", "\u00A0a\u00A0", "a\r\nb", "a  b\n\n\nc", "A b. C!",
        "<think>\nb\n</think>\n\na", "b</think>a", "a<think>b",
        "a<|channel|>b", "[THINK]b[/THINK]a", "\"a\" 'b' \\c", "<a>&b</a>", "{{ a }} {% b %}", "[INST] a [/INST]", "**a** `b` [c](d)",
        "ß İ", "你好", "", " ",
        string.Concat(Enumerable.Repeat("word ", 400)) + "end",
    ];

    /// <summary>Whether the template changes one of them. An answer that it rejects tells nothing.</summary>
    /// <param name="rendering">A conversation.</param>
    public static bool AreChanged(ConversationRendering rendering) => Answers.Any(answer =>
    {
        try
        {
            return rendering.EncodeChanged(answer) is not null;
        }
        catch (ChatTemplateException)
        {
            return false;
        }
    });
}
