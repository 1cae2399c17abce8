using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SeaGrpc.Cli.Tokenize;

/// <summary>An encoded text as a table for people: place, id, piece and what it adds to the text, control characters escaped.</summary>
internal static class EncodedTextTable
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The lines, without the last one's end.</summary>
    public static string Of(EncodedText text)
    {
        var lines = new StringBuilder();
        if (text.Rendered is not null)
        {
            lines.Append("Rendered: ").Append(Quote(text.Rendered)).Append("\n\n");
        }

        var pieces = text.Tokens.Select(token => Quote(token.Piece)).ToArray();
        var width = Math.Max("piece".Length, pieces.Select(Cells).DefaultIfEmpty().Max());
        lines.Append(CultureInfo.InvariantCulture, $"{"at",6}  {"id",7}  {"piece".PadRight(width)}  adds to the text");
        for (var at = 0; at < pieces.Length; at++)
        {
            var token = text.Tokens[at];
            var padding = new string(' ', width - Cells(pieces[at]));
            lines.Append(
                CultureInfo.InvariantCulture,
                $"\n{at,6}  {token.Id,7}  {pieces[at]}{padding}  {(token.IsSpecial ? "(control)" : Quote(token.Text))}");
        }

        return lines.Append(CultureInfo.InvariantCulture, $"\n{pieces.Length} tokens").ToString();
    }

    // Text elements, not columns: East Asian characters take two.
    private static int Cells(string text) => new StringInfo(text).LengthInTextElements;

    private static string Quote(string text) => JsonSerializer.Serialize(text, Options);
}
