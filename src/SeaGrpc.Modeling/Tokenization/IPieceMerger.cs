namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Byte-pair encoding of one piece. Implementations are thread-safe.</summary>
internal interface IPieceMerger
{
    /// <summary>Appends a piece's ids.</summary>
    /// <param name="piece">What the pre-tokenizer left between two cuts.</param>
    /// <param name="ids">Ids of what came before.</param>
    void Merge(string piece, List<int> ids);
}
