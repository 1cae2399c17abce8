using System.Text;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Rewards.Texts;

/// <summary>Random edits of multilingual text as bytes, which are the policy's tokens: many of them cut characters.</summary>
internal sealed class RandomEdits(int seed)
{
    private const int Longest = 90;
    private readonly Random _random = new(seed);

    public int Below(int end) => _random.Next(end);

    /// <summary>A piece of one of the texts.</summary>
    public int[] Piece(int most)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(OtherVocabulary.Texts[Below(OtherVocabulary.Texts.Count)]);
        int start = Below(bytes.Length);
        return [.. bytes.AsSpan(start, Math.Min(1 + Below(most), bytes.Length - start)).ToArray().Select(value => (int)value)];
    }

    /// <summary>The tokens with a piece replaced, inserted, removed, or one token exchanged.</summary>
    public int[] Edited(int[] tokens)
    {
        int at = Below(tokens.Length + 1);
        int end = Math.Min(tokens.Length, at + Below(8));
        int[] edited = Below(4) switch
        {
            0 => [.. tokens[..at], .. Piece(8), .. tokens[end..]],
            1 => [.. tokens[..at], .. Piece(6), .. tokens[at..]],
            2 => [.. tokens[..at], .. tokens[end..]],
            _ => [.. tokens[..at], .. at < tokens.Length ? Piece(1) : [], .. tokens[Math.Min(tokens.Length, at + 1)..]],
        };
        return edited[..Math.Min(edited.Length, Longest)];
    }
}
