namespace SeaGrpc.Cli.Tokenize;

/// <summary>What a tokenizer made of a text.</summary>
/// <param name="Rendered">The text that the chat template wrote, or null if it is a plain text.</param>
/// <param name="Tokens">In order.</param>
internal sealed record EncodedText(string? Rendered, IReadOnlyList<EncodedToken> Tokens);

/// <summary>One token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Piece">Its text as tokenizer.json has it.</param>
/// <param name="Text">What it adds to the text before it; empty while a character has not ended.</param>
/// <param name="IsSpecial">Whether it is a control token.</param>
internal sealed record EncodedToken(int Id, string Piece, string Text, bool IsSpecial);
