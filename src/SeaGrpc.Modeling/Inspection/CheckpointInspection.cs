using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Loading;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Inspection;

/// <summary>
/// The content of a checkpoint folder, determined without reading weights. Anything that cannot be read is null, and a problem says why.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="Config">config.json.</param>
/// <param name="ParameterCount">Number of weights that serving needs.</param>
/// <param name="BytesByDtype">Bytes of the weights on disk, by element type.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="Template">The chat template.</param>
/// <param name="Problems">Why the folder cannot be served; empty if it can.</param>
/// <param name="Notes">What users should know about a folder that can be served.</param>
public sealed record CheckpointInspection(
    string Folder,
    CheckpointConfig? Config,
    long? ParameterCount,
    IReadOnlyDictionary<string, long> BytesByDtype,
    Tokenizer? Tokenizer,
    ChatTemplate? Template,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Notes)
{
    /// <summary>The last part of the folder's path.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>Inspects a folder. Never throws because of the folder's content.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    public static CheckpointInspection Of(string folder)
    {
        var problems = new List<string>();
        CheckpointConfig? config = Try(() => CheckpointConfig.Load(folder), problems);
        if (config is null)
        {
            return new CheckpointInspection(folder, null, null, new Dictionary<string, long>(), null, null, problems, []);
        }

        Tokenizer? tokenizer = Try(() => Tokenizer.Load(folder, config.Transformer.VocabularySize), problems);
        ChatTemplate? template = Try(() => ChatTemplate.Load(folder), problems);
        if (tokenizer is not null)
        {
            Try(() => { TokenizerFit.Check(folder, tokenizer, template, config); return folder; }, problems);
        }

        using CheckpointWeights? weights = Try(() => CheckpointWeights.Open(folder), problems);
        long? parameters = null;
        if (weights is not null)
        {
            Try(() => { parameters = Count(weights, config); weights.ThrowIfUnused(); return folder; }, problems);
        }

        return new CheckpointInspection(
            folder, config, parameters, weights?.BytesByDtype()
                ?? new Dictionary<string, long>(), tokenizer, template, problems,
                [.. NotesOn(config, template, weights, problems), .. tokenizer?.Notes ?? []]);
    }

    /// <summary>Builds the model from shapes alone, in the same way as loading, and so finds every error that loading would.</summary>
    private static long Count(CheckpointWeights weights, CheckpointConfig config)
    {
        using var scope = NewDisposeScope();
        bool isPolicy = config.Head == ModelHead.Language;
        weights.IgnoreOutput(config.Transformer, isPolicy);
        using var decoder = new TransformerDecoder(
            config.Transformer, WeightSources.OneByOne((name, shape) => weights.TakeShape(name, shape)), isPolicy);
        long head = isPolicy
            ? 0
            : RewardHead.Shapes(config.Head, config.Transformer.HiddenSize, config.LabelCount)
                .Sum(part => weights.TakeShape(part.Name, part.Shape).numel());
        return decoder.Leaves().Sum(leaf => leaf.numel()) + head;
    }

    private static IEnumerable<string> NotesOn(
        CheckpointConfig config, ChatTemplate? template, CheckpointWeights? weights, List<string> problems)
    {
        if (config.NamesCustomCode)
        {
            yield return $"auto_map names Python code that comes with the checkpoint; it is not run, the built-in {config.Architecture} is "
                + "used.";
        }

        if (config.Head != ModelHead.Language && config.LabelCount != 1)
        {
            yield return $"As a reward: {RewardLabels.Ambiguous(config)}";
        }

        if (template is null && problems.Count == 0)
        {
            yield return config.Head == ModelHead.Language
                ? "There is no chat template: prompts are texts, not conversations."
                : "There is no chat template: the reward model reads prompt and answer as plain text, one after the other.";
        }

        if (weights?.OtherHeads(config.Head == ModelHead.Language).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } heads)
        {
            yield return $"{heads.Length} tensors belong to unused heads ({heads[0]} first); they are skipped.";
        }

        if (config.Transformer.RotaryScaling is LongRotaryScaling)
        {
            yield return $"longrope: served up to {config.Transformer.MaxPositions} positions, "
                + "where the model switches to other frequencies.";
        }
    }

    private static T? Try<T>(Func<T?> read, List<string> problems)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is CheckpointException or ChatTemplateException)
        {
            // Several readers may report the same error in a file.
            if (!problems.Contains(problem.Message))
            {
                problems.Add(problem.Message);
            }

            return null;
        }
    }
}
