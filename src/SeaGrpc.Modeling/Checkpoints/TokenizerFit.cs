using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Whether a folder's tokenizer and its model belong together.</summary>
internal static class TokenizerFit
{
    /// <exception cref="CheckpointException">The tokenizer has ids that the model has no embedding for.</exception>
    public static void Check(string folder, Tokenizer tokenizer, CheckpointConfig config)
    {
        int rows = config.Transformer.VocabularySize;
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
