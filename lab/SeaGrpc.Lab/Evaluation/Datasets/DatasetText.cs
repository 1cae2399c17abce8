using System.Text;

namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>A data file's bytes as text.</summary>
internal static class DatasetText
{
    /// <summary>Stands where bytes are not UTF-8; no text holds this noncharacter otherwise.</summary>
    private const char NotUtf8 = '\uFFFF';

    private static readonly Encoding Marking = Encoding.GetEncoding(
        "utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(NotUtf8.ToString()));

    /// <summary>Decodes UTF-8, with or without a byte order mark; bytes that are not UTF-8 spoil only their own row.</summary>
    /// <exception cref="DatasetException">The file is UTF-16.</exception>
    public static string Decode(byte[] bytes, string path) => bytes switch
    {
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => throw new DatasetException($"{path} is UTF-16: save it as UTF-8."),
        [0xEF, 0xBB, 0xBF, .. var rest] => Marking.GetString(rest),
        _ => Marking.GetString(bytes),
    };

    /// <summary>Whether a stretch has bytes that were not UTF-8.</summary>
    public static bool IsSpoilt(string text) => text.Contains(NotUtf8, StringComparison.Ordinal);
}
