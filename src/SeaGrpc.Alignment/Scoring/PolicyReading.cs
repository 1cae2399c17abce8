using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// A language model after a prompt: a <see cref="PromptReading"/>, which holds tensors, with the temperature, and the logits and
/// log-probabilities at it.
/// </summary>
internal sealed class PolicyReading : IDisposable
{
    private readonly PromptReading _reading;
    private readonly Action<long> _onReused;
    // What has been read of responses, if anything of it is kept.
    private RunReading? _run;

    private PolicyReading(TransformerDecoder decoder, PromptReading reading, double temperature, Action<long> onReused)
    {
        Decoder = decoder;
        _reading = reading;
        _onReused = onReused;
        _run = RunReading.After(decoder, reading, onReused);
        Temperature = temperature;
    }

    /// <summary>Divisor of all logits.</summary>
    public double Temperature { get; }

    public TransformerDecoder Decoder { get; }

    /// <summary>The frozen cache over the whole prompt, one row.</summary>
    public KeyValueCache Cache => _reading.Cache;

    /// <summary>The hidden state at the prompt's last position, which predicts the response's first token: [1, 1, hidden].</summary>
    public Tensor Last => _reading.Last;

    /// <summary>What rewards read through the same lowest layers after this prompt, or null.</summary>
    public RunReading? Shared { get; private set; }

    /// <summary>The latest hidden states of responses, if what is read is kept.</summary>
    public RecentStates? Recent { get; private set; }

    /// <summary>Reads a prompt.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="ids">The prompt.</param>
    /// <param name="onReused">Told the number of positions that need not be read, because they have been.</param>
    /// <param name="temperature">Divisor of all logits.</param>
    public static PolicyReading Of(
        TransformerDecoder decoder, IReadOnlyList<int> ids, Action<long> onReused, double temperature = 1)
    {
        onReused(decoder.Known(ids));
        return new PolicyReading(decoder, decoder.Read(ids), temperature, onReused);
    }

    /// <summary>Logits at the temperature, fp32.</summary>
    /// <param name="states">Hidden states [rows, hidden].</param>
    /// <returns>[rows, vocabulary].</returns>
    public Tensor Logits(Tensor states) => ModelPasses.Logits(Decoder, states).to(ScalarType.Float32).Tempered(Temperature);

    /// <summary>log pi of tokens in nats.</summary>
    /// <param name="hidden">The hidden states that predict them [rows, positions, hidden].</param>
    /// <param name="targets">The tokens [rows, positions].</param>
    /// <returns>[rows, positions], row by row.</returns>
    public float[] LogProbabilities(Tensor hidden, Tensor targets)
    {
        Tensor states = hidden.flatten(0, 1);
        Tensor ids = targets.reshape(-1, 1);
        List<Tensor> own = [];
        foreach ((long start, long count) in PositionChunks.Of(states.shape[0], Decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor logits = Logits(states.narrow(0, start, count));
            own.Add(
                (logits.gather(1, ids.narrow(0, start, count)) - logits.logsumexp(-1, keepdim: true)).flatten().MoveToOuterDisposeScope());
        }

        return cat(own).cpu().data<float>().ToArray();
    }

    /// <summary>The hidden states that predict each response position.</summary>
    /// <param name="embeddings">Embeddings of all positions but the last [rows, positions - 1, hidden].</param>
    /// <returns>[rows, positions, hidden].</returns>
    public Tensor Hidden(Tensor embeddings) =>
        embeddings.shape[1] == 0 ? Last.expand(embeddings.shape[0], -1, -1) : WithFirst(Decoder.Forward(embeddings, Cache));

    /// <summary>The hidden states that predict each position of responses.</summary>
    /// <param name="ids">Ids of all positions but the last [rows, positions - 1].</param>
    /// <param name="lengths">Number of these ids of each row without padding at the end, which predict tokens that count.</param>
    /// <returns>[rows, positions, hidden].</returns>
    public Tensor HiddenOf(Tensor ids, IReadOnlyList<int> lengths)
    {
        if (ids.shape[1] == 0)
        {
            return Last.expand(ids.shape[0], -1, -1);
        }

        using KeyValueCache? cache = _run is not null && _run.Keeps(Decoder) && ids.NumberOfElements <= RunReading.Slots
            ? Branch((int)ids.shape[0], (int)ids.shape[1])
            : null;
        var pass = new IdPass(ids, cache ?? Cache, (int)ids.shape[1]) { AfterPrompt = _run, Lengths = lengths };
        return WithFirst(Decoder.Read([pass])[0]);
    }

    /// <summary>Creates growing rows that all continue the prompt.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="room">Maximum number of positions after the prompt.</param>
    public KeyValueCache Branch(int rows, int room) =>
        Cache.Branch(Decoder, rows, Cache.Length + room).Join(_run);

    /// <summary>The hidden states of the given positions, recorded for a backward pass.</summary>
    /// <param name="embeddings">Embeddings of all positions but the last [rows, positions - 1, hidden]; at least one.</param>
    /// <returns>Its hidden states predict all positions but the first: <see cref="WithFirst"/>.</returns>
    public RecordedPass Record(Tensor embeddings) => Decoder.Record(embeddings, Cache);

    /// <summary>Puts the prompt's last hidden state before those of given positions [rows, positions - 1, hidden].</summary>
    /// <returns>[rows, positions, hidden].</returns>
    public Tensor WithFirst(Tensor hidden) => cat([Last.expand(hidden.shape[0], -1, -1), hidden], 1);

    /// <summary>Keeps what is read of responses from now on.</summary>
    /// <param name="onKnown">Told the number of positions that need not be read, because they have been.</param>
    public void Keep(Action<long> onKnown)
    {
        Recent ??= new RecentStates(Decoder);
        // On an accelerator copying the keys and values of a few positions takes more launches than reading them.
        if (Decoder.IsWrittenOut)
        {
            (_run ??= new RunReading(Cache.Length)).Keep(Decoder, onKnown);
        }
    }

    /// <summary>Lets rewards read through the same lowest layers after this prompt. Before responses are read.</summary>
    /// <returns>What all of them read.</returns>
    public RunReading Share()
    {
        if (Shared is null)
        {
            _run?.Dispose();
            _run = Shared = new RunReading(Cache.Length, Decoder).Join(Decoder, _reading, _onReused);
        }

        return Shared;
    }

    public void Dispose()
    {
        Recent?.Dispose();
        _run?.Dispose();
        _reading.Dispose();
    }
}
