using Spectre.Console;

namespace SeaGrpc.Cli.Output;

/// <summary>Answers as styled text.</summary>
internal static class RichText
{
    /// <summary>How a changed stretch looks.</summary>
    public static readonly Style Changed = new(Color.Green, decoration: Decoration.Bold);

    /// <summary>The text, its changed stretches in bold green.</summary>
    public static Paragraph Of(MarkedText text)
    {
        var paragraph = new Paragraph();
        foreach (var piece in text.Pieces)
        {
            paragraph.Append(piece.Text, piece.Changed ? Changed : Style.Plain);
        }

        return paragraph;
    }
}
