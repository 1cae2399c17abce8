using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Training.Preferences;
using SeaGrpc.Modeling;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>One training of a reward model from a policy's body and preference pairs; the same run again goes on where it ended.</summary>
/// <param name="policy">The policy's folder.</param>
/// <param name="file">The pairs.</param>
/// <param name="folder">Full path of the folder to write. Until the model is whole, it has only the unfinished training.</param>
/// <param name="options">How to train; a negative number of frozen layers stands for two of five.</param>
/// <param name="saving">Time between two savings of the unfinished training.</param>
/// <param name="output">Progress and figures are written here.</param>
/// <param name="progress">Receives how far reading, training and measuring are; null for nobody.</param>
internal sealed class PreferenceRun(
    string policy, string file, string folder, PreferenceOptions options, TimeSpan saving, TextWriter output,
    IProgress<WorkProgress>? progress = null) : ITrainingRun
{
    /// <summary>Name of the file from which an unfinished training is resumed.</summary>
    public const string UnfinishedName = "unfinished-training.safetensors";

    private const int Evaluations = 10;
    private const int MostEvaluated = 64;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly string _unfinished = Path.Combine(folder, UnfinishedName);

    /// <inheritdoc/>
    public bool Written { get; private set; }

    /// <summary>What the written model makes of the pairs that were held out; null before, or if none were.</summary>
    public PairFigures? Figures { get; private set; }

    /// <summary>Called after every step with the number of steps done, or null.</summary>
    internal Action<int>? Stepped { get; init; }

    /// <inheritdoc/>
    /// <exception cref="DatasetException">The pairs cannot be used.</exception>
    /// <exception cref="InvalidDataException">
    /// The folder holds something else, a setting does not fit the policy or the unfinished training, or the training diverged.
    /// </exception>
    public void Execute(CancellationToken cancellation)
    {
        ThrowIfTaken();
        PreferenceSplit split = PreferenceSplit.Of(file, PreferenceFile.Load(file), options.HeldOut, options.Seed);
        PolicyModel model = PolicyModel.Load(
            policy, new ModelLoadOptions("cpu", options.Dtype, Progress: progress is null ? null : new LoadingProgress(progress)));
        using RewardNetwork network = RewardNetwork.Over(model.Decoder, options.Seed);
        PreferenceOptions exact = Fitting(model.Decoder.Config.LayerCount);
        var encoding = new WorkProgress("encoding the pairs");
        progress?.Report(encoding);
        var encoder = new PairEncoder(new ConversationEncoder(model.Tokenizer, model.Template));
        int longest = Math.Min(options.MaxTokens, model.Description.MaxPositions);
        IReadOnlyList<EncodedPair> pairs = EncodedPair.Of(file, split.Train, encoder, longest, output);
        IReadOnlyList<EncodedPair> held = EncodedPair.Of(file, split.HeldOut, encoder, longest, output);
        progress?.Report(encoding.Finished);
        if (pairs.Count == 0)
        {
            throw new DatasetException($"{file}: every pair to train on is longer than {longest} tokens; raise --max-tokens.");
        }

        output.WriteLine(
            $"{pairs.Count} pairs to train on, {held.Count} held out; {exact.FrozenLayers} of {model.Decoder.Config.LayerCount} layers "
                + $"frozen, products in {model.Description.Dtype}, {ComputeThreads.Count} threads.");
        using (var reader = new PairNetwork(network, exact.FrozenLayers))
        using (var training = new PreferenceTraining(reader, [.. pairs.Select(pair => pair.Ids)], exact))
        {
            Train(training, EncodedPair.Sample(held, MostEvaluated), Settings(exact, model.Description), cancellation);
        }

        HashSet<int> ends = [.. pairs.SelectMany(pair => new[] { pair.Ids.Chosen[^1], pair.Ids.Rejected[^1] })];
        (int, string)? padding =
            PaddingToken.Of(policy, model.Tokenizer, ends) is { } id ? (id, model.Tokenizer.TokenOf(id)!) : null;
        Publish(network, exact, padding, held, cancellation);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Held-out pairs in the right order: {Figures?.ToString() ?? "none were held out"}.\n"
                + $"Done in {_clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of CPU time: {folder}"));
    }

    private PreferenceOptions Fitting(int layers)
    {
        PreferenceOptions exact = options with { FrozenLayers = options.FrozenLayers < 0 ? layers * 2 / 5 : options.FrozenLayers };
        return exact.FrozenLayers > layers
            ? throw new InvalidDataException($"--frozen-layers is {exact.FrozenLayers}, but the policy has {layers} layers; lower it.")
            : exact is { TrainEmbeddings: true, FrozenLayers: > 0 }
            ? throw new InvalidDataException("--train-embeddings needs --frozen-layers 0, because the embeddings are below all layers.")
            : exact;
    }

    // What must be equal where a training is resumed.
    private Dictionary<string, string> Settings(PreferenceOptions exact, ModelDescription model) => new(exact.Settings)
    {
        ["the policy"] = model.Hash,
        ["the pairs"] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))),
        ["the number format"] = model.Dtype,
    };

    private void Train(
        PreferenceTraining training, PairIds[] sample, IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        if (File.Exists(_unfinished))
        {
            training.Restore(_unfinished, settings);
            output.WriteLine($"Resumed: {training.Step} of {training.Steps} steps are done.");
        }

        var lines = new TrainingLines(output, training.Steps);
        var sinceSaved = Stopwatch.StartNew();
        while (training.Step < training.Steps)
        {
            if (cancellation.IsCancellationRequested || sinceSaved.Elapsed >= saving)
            {
                Directory.CreateDirectory(folder);
                training.Save(_unfinished, settings);
                cancellation.ThrowIfCancellationRequested();
                sinceSaved.Restart();
            }

            (double loss, int tokens) = training.Advance();
            bool evaluates = sample.Length > 0 && training.Step % ((training.Steps + Evaluations - 1) / Evaluations) == 0;
            lines.Add(training.Step, loss, tokens, evaluates ? training.Accuracy(sample) : null);
            progress?.Report(new WorkProgress("training", training.Step, training.Steps));
            Stepped?.Invoke(training.Step);
        }

        // So that an interrupted measurement costs no training.
        Directory.CreateDirectory(folder);
        training.Save(_unfinished, settings);
    }

    private void Publish(
        RewardNetwork network,
        PreferenceOptions exact,
        (int Id, string Text)? padding,
        IReadOnlyList<EncodedPair> held,
        CancellationToken cancellation)
    {
        string name = Path.GetFileName(folder);
        using var folders = new StagedFolders(Path.GetDirectoryName(folder)!, name);
        string staged = folders.Make(name);
        TrainedFolder.Write(staged, policy, network, exact, padding);
        if (held.Count > 0)
        {
            output.WriteLine($"Measuring the written model on {held.Count} held-out pairs.");
            progress?.Report(new WorkProgress("measuring"));
            using RewardModel model = RewardModel.Load(staged, new ModelLoadOptions("cpu", options.Dtype));
            Figures = PairFigures.Of(held, PairScoring.Score(model, [.. held.Select(pair => pair.Ids)], exact.BatchTokens, cancellation));
        }

        folders.Publish();
        Written = true;
    }

    private void ThrowIfTaken()
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder)
            .Any(path => !Path.GetFileName(path).StartsWith(UnfinishedName, StringComparison.Ordinal))))
        {
            throw new InvalidDataException(
                $"{folder} is there already; name another folder with --out, or remove it to train the model again.");
        }
    }
}
