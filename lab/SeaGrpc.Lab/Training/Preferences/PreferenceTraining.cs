using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>
/// A training by Bradley-Terry comparisons of pairs, step by step; it can be saved between two steps and resumed. It knows ids alone.
/// </summary>
/// <remarks>
/// The loss is -log sigmoid(r(chosen) - r(rejected) - margin), and a small weight times the square of the sum of both rewards, which only
/// centres them (Eisenstein et al., "Helping or herding?", 2023).
/// </remarks>
internal sealed class PreferenceTraining : IDisposable
{
    /// <summary>Most memory for states that later epochs read again.</summary>
    private const long MaxKeptBytes = 2L << 30;

    private const string StepKey = "step";

    private readonly PairNetwork _network;
    private readonly IReadOnlyList<PairIds> _pairs;
    private readonly PreferenceOptions _options;
    private readonly IReadOnlyList<int[]> _order;
    private readonly TrainingOptions _rates;
    private readonly AdamW _optimiser;
    private readonly EnteringStates _entering;

    /// <summary>Prepares a training.</summary>
    /// <param name="network">The model; stays the caller's.</param>
    /// <param name="pairs">The pairs to train on; at least one.</param>
    /// <param name="options">How.</param>
    public PreferenceTraining(PairNetwork network, IReadOnlyList<PairIds> pairs, PreferenceOptions options)
    {
        _network = network;
        _pairs = pairs;
        _options = options;
        _order = PairOrder.Of([.. pairs.Select(pair => pair.Length)], options.BatchTokens, options.Epochs, options.Seed);
        _rates = new TrainingOptions(_order.Count, 1, options.LearningRate, options.Seed, options.Warmup);
        _optimiser = new AdamW(network.Leaves(options.TrainEmbeddings));
        _entering = new EnteringStates(network, options is { Epochs: > 1, FrozenLayers: > 0 } ? MaxKeptBytes : 0);
    }

    /// <summary>Steps done.</summary>
    public int Step => _optimiser.Steps;

    /// <summary>Steps in all.</summary>
    public int Steps => _order.Count;

    /// <summary>Trains on the next batch.</summary>
    /// <returns>The step's loss in nats, and the number of ids that it read.</returns>
    /// <exception cref="InvalidDataException">The loss is not a number.</exception>
    public (double Loss, int Tokens) Advance()
    {
        using var scope = NewDisposeScope();
        var batch = new PairBatch([.. _order[Step].Select(index => _pairs[index])]);
        (Tensor chosen, Tensor rejected) = _network.Rewards(batch, _entering.Of(batch));
        Tensor comparison = nn.functional.logsigmoid(chosen - rejected.Plus(_options.Margin)).neg().mean();
        Tensor loss = comparison.Plus(chosen.Plus(rejected).Squared().mean().Times(_options.Centring));
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            throw new InvalidDataException(
                $"The loss of step {Step + 1} is not a number: the training has diverged. Begin again with a lower --learning-rate.");
        }

        loss.backward();
        _optimiser.Step(_rates.RateAt(Step));
        return (value, batch.Pairs.Sum(pair => pair.Length));
    }

    /// <summary>Share of some pairs whose chosen text has the higher reward so far.</summary>
    /// <param name="pairs">The pairs, of any length.</param>
    public double Accuracy(IReadOnlyList<PairIds> pairs)
    {
        using var noGrad = no_grad();
        int right = 0;
        foreach (int[] indices in PairOrder.Of([.. pairs.Select(pair => pair.Length)], _options.BatchTokens, 1, _options.Seed))
        {
            using var scope = NewDisposeScope();
            var batch = new PairBatch([.. indices.Select(index => pairs[index])]);
            (Tensor chosen, Tensor rejected) = _network.Rewards(batch, _entering.Of(batch));
            right += (int)chosen.gt(rejected).sum().item<long>();
        }

        return (double)right / pairs.Count;
    }

    /// <summary>Writes all that the further steps depend on, completely or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">What must be equal where it is resumed.</param>
    public void Save(string path, IReadOnlyDictionary<string, string> settings) => SafetensorsWriter.Write(
        path, [.. _optimiser.State()], new Dictionary<string, string>(settings) { [StepKey] = $"{Step}" });

    /// <summary>Goes on where a saved training stood.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">The settings of this training.</param>
    /// <exception cref="InvalidDataException">The saved training has other settings; the message names them.</exception>
    /// <exception cref="CheckpointException">The file is damaged.</exception>
    public void Restore(string path, IReadOnlyDictionary<string, string> settings)
    {
        using var file = SafetensorsFile.Open(path);
        string[] others =
        [
            .. settings.Where(setting => file.Metadata.GetValueOrDefault(setting.Key) != setting.Value)
                .Select(setting => $"{setting.Key} was {file.Metadata.GetValueOrDefault(setting.Key) ?? "not known"}, is {setting.Value}"),
        ];
        if (others.Length > 0 || !int.TryParse(file.Metadata.GetValueOrDefault(StepKey), out int step))
        {
            throw new InvalidDataException(
                $"{path} is of an unfinished training with other settings: {string.Join("; ", others)}. "
                    + "Give the same command to go on with it, or delete the file to begin again.");
        }

        _optimiser.Restore(step, file.ReadInto);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _entering.Dispose();
        _optimiser.Dispose();
    }
}
