namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Cuts a piece into smaller ones, or writes it differently.</summary>
internal interface IPreTokenizerStep
{
    /// <summary>The pieces in order.</summary>
    IEnumerable<Piece> Split(Piece piece);
}
