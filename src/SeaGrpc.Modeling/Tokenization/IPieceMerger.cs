namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Byte-pair encoding of one piece. Implementations are thread-safe.</summary>
internal interface IPieceMerger
{
    /// <summary>Appends a piece's ids.</summary>
    /// <param name="piece">Text between two splits of the pre-tokenizer.</param>
    /// <param name="ids">Ids of the preceding text; the piece's ids are appended.</param>
    void Merge(string piece, List<int> ids);
}
