using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization.Decoding;
using SeaGrpc.Modeling.Tokenization.Normalization;
using SeaGrpc.Modeling.Tokenization.PreTokenization;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>
/// Reads a tokenizer.json with a BPE model over bytes or characters. What cannot be supported exactly is refused by name.
/// </summary>
internal sealed class TokenizerReader
{
    private readonly TokenizerJson _json;

    private TokenizerReader(TokenizerJson json)
    {
        _json = json;
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="named">Tokens that other files define.</param>
    /// <param name="rows">Rows of the model's embedding matrix; added tokens beyond them are left out. Null keeps all.</param>
    internal static TokenizerDefinition Read(string path, IReadOnlyList<NamedToken> named, int? rows)
    {
        using var document = CheckpointJson.Parse(path);
        try
        {
            return new TokenizerReader(new TokenizerJson(path)).Read(document.RootElement, named, rows);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // A value of the wrong kind: a number instead of a string, or text with a lone surrogate.
            throw new CheckpointException(path, $"the file does not have the form of a tokenizer.json ({e.Message}).", e);
        }
    }

    private TokenizerDefinition Read(JsonElement root, IReadOnlyList<NamedToken> named, int? rows)
    {
        var preTokenizer = new PreTokenizerReader(_json).Read(root);
        var model = new BytePairModelReader(_json).Read(root, preTokenizer.IsByteLevel);
        var own = new AddedTokenReader(_json).Read(root, model.Vocabulary);
        var all = AddedTokenMerger.Merge(model.Vocabulary, own, named);
        List<AddedToken> added = [.. all.Where(token => rows is null || token.Id < rows || model.Vocabulary.ContainsKey(token.Content))];
        var idOf = (string content) => added.FirstOrDefault(token => token.Content == content)?.Id
            ?? (model.Vocabulary.TryGetValue(content, out var id) ? id : null);
        return new TokenizerDefinition(
            model,
            added,
            new NormalizerReader(_json).Read(root),
            preTokenizer,
            new DecoderReader(_json, added.Select(token => token.Content).ToHashSet()).Read(root, preTokenizer.IsByteLevel),
            new PostProcessorReader(_json, idOf).Read(root),
            [.. all.Except(added).Select(token => token.Content)]);
    }
}
