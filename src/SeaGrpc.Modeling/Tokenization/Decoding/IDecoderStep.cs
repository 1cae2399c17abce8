namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>A step from tokens to text. It passes on what no later token can change, and keeps the rest.</summary>
internal interface IDecoderStep
{
    /// <summary>Adds the next part of a token.</summary>
    /// <param name="text">The part; it may be empty.</param>
    /// <param name="endsToken">Whether it is the last part of the token.</param>
    void Add(string text, bool endsToken);

    /// <summary>Ends the tokens: passes on what was kept.</summary>
    void End();
}
