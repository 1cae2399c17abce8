namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>How the filter tojson writes, in the words of Python's json.dumps.</summary>
/// <param name="EscapesNonAscii">Whether characters beyond ASCII are escaped.</param>
/// <param name="Indent">What is put before each line, once for each level, or null for one line.</param>
/// <param name="Comma">What stands between items.</param>
/// <param name="Colon">What stands between a key and its value.</param>
/// <param name="SortsKeys">Whether mappings are written in the order of their keys.</param>
internal sealed record JsonStyle(bool EscapesNonAscii, string? Indent, string Comma, string Colon, bool SortsKeys);
