namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>A step on the way from tokens to text. It hands on what no later token can change, and keeps the rest.</summary>
internal interface IDecoderStep
{
    /// <summary>Takes the next part of a token.</summary>
    /// <param name="text">The part; it may be empty.</param>
    /// <param name="endsToken">Whether it is the token's last.</param>
    void Add(string text, bool endsToken);

    /// <summary>No token follows: hands on what is kept.</summary>
    void End();
}
