using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Loading;

/// <summary>Checks that a folder's tokenizer and model belong together.</summary>
internal static class TokenizerFit
{
    /// <exception cref="CheckpointException">The vocabulary or the template has tokens that the model has no embedding for.</exception>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">Its tokenizer, loaded for the number of rows of the model's embedding.</param>
    /// <param name="template">Its chat template, or null.</param>
    /// <param name="config">Its configuration.</param>
    public static void Check(string folder, Tokenizer tokenizer, ChatTemplate? template, CheckpointConfig config)
    {
        int rows = config.Transformer.VocabularySize;
        if (tokenizer.LeftOut.FirstOrDefault(token => template?.Names(token) == true) is { } missing)
        {
            throw new CheckpointException(
                folder,
                $"the chat template names the token \"{missing}\", but the model's {rows} embedding rows (vocab_size in config.json) have "
                + "none for it. Resize the embeddings to the tokenizer, "
                + "or put the template and the tokenizer that belong to this model into its folder.");
        }

        if (tokenizer.BosId >= rows || tokenizer.EosIds.All(id => id >= rows))
        {
            throw new CheckpointException(
                folder,
                $"{(tokenizer.BosId >= rows ? $"the id {tokenizer.BosId} that begins a text" : "every id that ends a response")} is beyond "
                    + $"the model's {rows} embedding rows "
                + "(vocab_size in config.json). Put the tokenizer that belongs to this model into its folder.");
        }

        if (tokenizer.VocabularySize <= rows)
        {
            return;
        }

        KeyValuePair<string, int> beyond = tokenizer.Vocabulary.Where(entry => entry.Value >= rows).MinBy(entry => entry.Value);
        throw new CheckpointException(
            Path.Combine(folder, "tokenizer.json"),
            $"the tokenizer has {tokenizer.VocabularySize} ids, but the model has {rows} embedding rows (vocab_size in config.json): " +
            $"id {beyond.Value} (\"{beyond.Key}\") has none. Put the tokenizer that belongs to this model into its folder.");
    }
}
