using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Explains how to create tokenizer.json if a folder has its tokenizer only in another form.</summary>
internal static class OtherTokenizers
{
    private static readonly (string File, string Kind)[] Forms =
    [
        ("tokenizer.model", "a SentencePiece or tiktoken model"), ("spiece.model", "a SentencePiece model"),
        ("tekken.json", "Mistral's tekken"),
        ("vocab.json", "a vocabulary with merges.txt"), ("qwen.tiktoken", "tiktoken's ranks"),
    ];

    /// <exception cref="CheckpointException">tokenizer.json is missing. The message says how to create it.</exception>
    internal static void RefuseWithout(string folder)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(path)
            || Array.Find(Forms, form => File.Exists(Path.Combine(folder, form.File))) is not { File: { } file, Kind: var kind })
        {
            return;
        }

        throw new CheckpointException(
            path,
            $"the file is missing, and the folder has the tokenizer only as {file} ({kind}), which is not supported. Convert it to "
            + "tokenizer.json with transformers (and sentencepiece, tiktoken) in Python: AutoTokenizer.from_pretrained(FOLDER, "
            + "use_fast=True).save_pretrained(FOLDER); or download the file from the model's page, which often has it.");
    }
}
