using System.Buffers;
using System.Text;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>
/// Prevents special tokens written by a caller from acting as control tokens. Before a template is rendered, the first character of each is
/// replaced by one from a private-use block that no message uses. Afterwards it is restored and marked as plain text.
/// </summary>
internal sealed class ControlTextGuard
{
    private const int FirstBlock = 0xE000;
    private const int LastBlock = 0xE800;
    private readonly Tokenizer _tokenizer;
    private readonly string[] _controls;
    private readonly char[] _firsts;
    private readonly SearchValues<char> _anyFirst;

    public ControlTextGuard(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _controls = [.. tokenizer.Vocabulary
            .Where(entry => tokenizer.IsSpecial(entry.Value) && entry.Key.Length > 0)
            .Select(entry => entry.Key)
            .OrderByDescending(text => text.Length)];
        _firsts = [.. _controls.Select(text => text[0]).Distinct().Order()];
        _anyFirst = SearchValues.Create(_firsts);
    }

    /// <summary>The messages with special tokens broken up, and the first character of the block that was used.</summary>
    public (IReadOnlyList<ChatMessage> Messages, char Block) Shield(IReadOnlyList<ChatMessage> messages)
    {
        char block = FreeBlock(messages);
        return ([.. messages.Select(message => message with { Content = Break(message.Content, block) })], block);
    }

    /// <summary>
    /// Another text for messages that are shielded with a block, or null if the text itself contains characters of that block.
    /// </summary>
    public string? Shield(string content, char block) => content.Any(character => IsIn(character, block)) ? null : Break(content, block);

    /// <summary>
    /// Encodes a rendered text. Special tokens are control tokens, except those that <see cref="Shield(IReadOnlyList{ChatMessage})"/> broke
    /// up.
    /// </summary>
    public int[] Encode(string rendered, char block)
    {
        var text = new StringBuilder(rendered.Length);
        foreach (char character in rendered)
        {
            text.Append(IsIn(character, block) ? _firsts[character - block] : character);
        }

        return _tokenizer.Encode(text.ToString(), at => IsIn(rendered[at], block));
    }

    /// <summary>Where the last special token of a rendered text starts; 0 if there is none.</summary>
    public int LastControl(string rendered) =>
        _controls.Select(control => rendered.LastIndexOf(control, StringComparison.Ordinal)).Append(0).Max();

    private string Break(string content, char block)
    {
        if (!content.AsSpan().ContainsAny(_anyFirst))
        {
            return content;
        }

        foreach (string control in _controls)
        {
            string broken = (char)(block + Array.IndexOf(_firsts, control[0])) + control[1..];
            content = content.Replace(control, broken, StringComparison.Ordinal);
        }

        return content;
    }

    private char FreeBlock(IReadOnlyList<ChatMessage> messages)
    {
        for (int block = FirstBlock; block + _firsts.Length <= LastBlock; block += Math.Max(1, _firsts.Length))
        {
            if (!messages.Any(message => message.Content.Any(character => IsIn(character, (char)block))))
            {
                return (char)block;
            }
        }

        throw new ChatTemplateException("The prompt uses every block of the private use area U+E000 to U+E7FF; remove some of it.");
    }

    private bool IsIn(char character, char block) => character >= block && character < block + _firsts.Length;
}
