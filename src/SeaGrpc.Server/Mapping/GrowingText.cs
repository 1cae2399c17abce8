using System.Text;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Mapping;

/// <summary>The best response's text as its reader has it, and how it changes. Not thread-safe.</summary>
internal sealed class GrowingText
{
    private Rune[] _told = [];

    /// <summary>The change from the text before to this one, which is the text from now on.</summary>
    public TextDelta ChangeTo(string text)
    {
        Rune[] next = [.. text.EnumerateRunes()];
        int keep = _told.AsSpan().CommonPrefixLength(next);
        _told = next;
        return new TextDelta { Keep = keep, Append = string.Concat(next.Skip(keep)) };
    }
}
