using System.Text;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment;

/// <summary>
/// Keeps special tokens that a caller writes from acting as control: before a template is rendered they are moved into a
/// private-use block that no message uses, and afterwards moved back and encoded as plain text.
/// </summary>
internal sealed class ControlTextGuard
{
    private const int BlockSize = 0x80;
    private readonly Tokenizer tokenizer;
    private readonly string[] controls;

    public ControlTextGuard(Tokenizer tokenizer)
    {
        this.tokenizer = tokenizer;
        controls = [.. tokenizer.Vocabulary
            .Where(entry => tokenizer.IsSpecial(entry.Value) && entry.Key.Length > 0 && entry.Key.All(char.IsAscii))
            .Select(entry => entry.Key)
            .OrderByDescending(text => text.Length)];
    }

    /// <summary>The messages with control texts moved, and the first character of the block that they were moved to.</summary>
    public (IReadOnlyList<ChatMessage> Messages, char Block) Shield(IReadOnlyList<ChatMessage> messages)
    {
        char block = FreeBlock(messages);
        return ([.. messages.Select(message => message with { Content = Shield(message.Content, block) })], block);
    }

    /// <summary>Encodes a rendered text: control outside the block, plain text inside it.</summary>
    public int[] Encode(string rendered, char block)
    {
        if (!rendered.Any(character => IsIn(character, block)))
        {
            return tokenizer.Encode(rendered, parseSpecialTokens: true);
        }

        List<int> ids = [];
        for (int start = 0; start < rendered.Length;)
        {
            bool plain = IsIn(rendered[start], block);
            int end = start + 1;
            while (end < rendered.Length && IsIn(rendered[end], block) == plain)
            {
                end++;
            }

            string part = rendered[start..end];
            ids.AddRange(plain ? tokenizer.Encode(Move(part, -block)) : tokenizer.Encode(part, parseSpecialTokens: true));
            start = end;
        }

        return [.. ids];
    }

    private string Shield(string content, char block)
    {
        foreach (string control in controls)
        {
            content = content.Replace(control, Move(control, block), StringComparison.Ordinal);
        }

        return content;
    }

    private static char FreeBlock(IReadOnlyList<ChatMessage> messages)
    {
        for (int block = 0xE000; block < 0xE800; block += BlockSize)
        {
            if (!messages.Any(message => message.Content.Any(character => IsIn(character, (char)block))))
            {
                return (char)block;
            }
        }

        throw new ChatTemplateException("The prompt uses every block of the private use area U+E000 to U+E7FF; remove some of it.");
    }

    private static bool IsIn(char character, char block) => character >= block && character < block + BlockSize;

    private static string Move(string text, int by)
    {
        var moved = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            moved.Append((char)(character + by));
        }

        return moved.ToString();
    }
}
