namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Splits a piece into smaller ones, or transforms it.</summary>
internal interface IPreTokenizerStep
{
    /// <summary>The pieces in order.</summary>
    IEnumerable<Piece> Split(Piece piece);
}
