namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Options of the filter tojson, in terms of Python's json.dumps.</summary>
/// <param name="EscapesNonAscii">Whether characters beyond ASCII are escaped.</param>
/// <param name="Indent">Indentation per level, or null for a single line.</param>
/// <param name="Comma">Separator of items.</param>
/// <param name="Colon">Separator of a key and its value.</param>
/// <param name="SortsKeys">Whether mappings are sorted by key.</param>
internal sealed record JsonStyle(bool EscapesNonAscii, string? Indent, string Comma, string Colon, bool SortsKeys);
