using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward model that has read its prefix.</summary>
internal sealed class ModelRewardState : IRewardState
{
    private readonly PromptReading _reading;
    private readonly Func<long, bool> _isEos;
    private readonly CostCounter _cost;
    // What has been read of answers, if anything of it is kept: with the policy, or alone.
    private RunReading? _run;

    public ModelRewardState(RewardModel model, RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost)
    {
        Model = model;
        Prompt = prompt;
        _isEos = isEos;
        _cost = cost;
        cost.RewardReused(Decoder.Known(prompt.Prefix));
        _reading = Decoder.Read(prompt.Prefix);
        _run = RunReading.After(Decoder, _reading, cost.RewardReused);
        cost.RewardForward(prompt.Prefix.Count);
    }

    public RewardModel Model { get; }

    public TransformerDecoder Decoder => Model.Decoder;

    public RewardPrompt Prompt { get; }

    /// <summary>What the policy reads through the same lowest layers after the same prompt, or null.</summary>
    public RunReading? Shared { get; private set; }

    /// <summary>The frozen cache over the prefix, one row.</summary>
    public KeyValueCache Cache => _reading.Cache;

    /// <summary>
    /// Whether each answer must be read as the template writes it. The tokens before a change in it can then not be kept.
    /// </summary>
    private bool Rereads => Prompt.Rewriting is not null;

    public void KeepReading()
    {
        // As in PolicyReading.
        if (Decoder.IsWrittenOut && !Rereads)
        {
            (_run ??= new RunReading(Prompt.Prefix.Count)).Keep(Decoder, _cost.RewardKnown);
        }
    }

    /// <summary>Reads through the same lowest layers as the policy. Before answers are read.</summary>
    /// <param name="reading">What the policy reads after the same prompt, and its owner.</param>
    public void Share(RunReading reading)
    {
        _run?.Dispose();
        _run = Shared = reading.Join(Decoder, _reading, _cost.RewardReused);
    }

    public float[] Rewards(HardResponses rows) => Rewards(RewardInputs.Of(Prompt, rows), rows.Rows);

    /// <summary>The rewards of answers some of which are whole.</summary>
    public float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) =>
        Rewards(RewardInputs.Of(Prompt, answers, whole), answers.Count);

    public IRewardGradient Gradient(HardResponses rows, double weight, EmbeddingSmoothing smoothing)
    {
        using var scope = NewDisposeScope();
        RewardInputs read = Inputs(rows);
        using var noGrad = no_grad();
        Tensor inputs = smoothing.Apply(Decoder.Embed(ResponseScorer.Ids(read.Ids, rows.Rows, Decoder)), Decoder);
        using KeyValueCache? shorter = Shorter(read.Kept);
        (float[] rewards, Tensor gradient) = InputGradient.Of(
            Model, shorter ?? Cache, inputs, EndIndices(read.Ends, read.Width), _cost);
        return new ModelRewardGradient(rewards, AtTokens(rows, read, gradient).Times(weight).DetachFromDisposeScope(), Decoder);
    }

    /// <summary>What it reads of answers.</summary>
    /// <exception cref="AnswerTooLongException">An answer is longer than the model's context.</exception>
    public RewardInputs Inputs(HardResponses rows) => Fitting(RewardInputs.Of(Prompt, rows));

    /// <summary>The rewards of answers that have been read through the layers that it has in common with the policy.</summary>
    /// <param name="read">The answers.</param>
    /// <param name="states">States above these layers [rows, width, hidden].</param>
    /// <returns>The rewards [rows], and the gradient of their sum at the states, a tensor of the caller's scope.</returns>
    public (float[] Rewards, Tensor Gradient) GradientAbove(RewardInputs read, Tensor states)
    {
        _cost.RewardForward(states.shape[0] * states.shape[1]);
        using RecordedPass recorded = Decoder.RecordAbove(states, Cache);
        return InputGradient.Of(Model, recorded, EndIndices(read.Ends, read.Width), _cost);
    }

    /// <summary>The gradient at the answers' own tokens.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="read">What is read of them.</param>
    /// <param name="gradient">Gradient at what is read [rows, width, hidden].</param>
    /// <returns>[rows * positions, hidden]; 0 where a token is not read.</returns>
    public Tensor AtTokens(HardResponses rows, RewardInputs read, Tensor gradient)
    {
        int width = read.Width;
        // If the suffix starts with EOS, this is the response's own. Otherwise the model does not read the response's EOS.
        bool endIsOwn = _isEos(Prompt.Suffix[0]);
        var owned = new float[rows.Rows * rows.Positions];
        var places = new long[owned.Length];
        for (int row = 0; row < rows.Rows; row++)
        {
            for (int position = 0; position < (endIsOwn ? rows.TargetLengths[row] : rows.ContentLengths[row]); position++)
            {
                int place = read.Places[row][position];
                owned[(row * rows.Positions) + position] = place < 0 ? 0 : 1;
                places[(row * rows.Positions) + position] = ((long)row * width) + Math.Max(place, 0);
            }
        }

        Tensor own = gradient.flatten(0, 1).index_select(0, tensor(places, device: Decoder.Device));
        return own * tensor(owned, device: Decoder.Device).view(-1, 1).to(own.dtype);
    }

    public IRewardRows Grow(int rows, int maxTokens) => Rereads
        ? new RereadRewardRows(Rewards, [.. Enumerable.Range(0, rows).Select(_ => new List<int>())])
        : new ModelRewardRows(this, Branch(rows, maxTokens), _cost);

    public IRewardRows Grow(IRewardChains chains, IReadOnlyList<int> answer, int maxTokens)
    {
        if (Rereads)
        {
            return new RereadRewardRows(Rewards, [[.. answer]]);
        }

        KeyValueCache from = ((ModelRewardChains)chains).Cache;
        return new ModelRewardRows(
            this, KeyValueCache.Gather(Decoder, [(from, 0)], Capacity(maxTokens), Cache.Length + answer.Count), _cost);
    }

    public IRewardRows Gather(IReadOnlyList<(IRewardRows Source, int Row)> from, int maxTokens, int? length = null)
    {
        if (Rereads)
        {
            return new RereadRewardRows(Rewards, [.. from.Select(pick => ((RereadRewardRows)pick.Source).Copy(pick.Row, length))]);
        }

        (KeyValueCache Cache, int Row)[] rows = [.. from.Select(pick => (((ModelRewardRows)pick.Source).Cache, pick.Row))];
        return new ModelRewardRows(
            this,
            length is { } kept
                ? KeyValueCache.Gather(Decoder, rows, Capacity(maxTokens), Cache.Length + kept)
                : KeyValueCache.Gather(Decoder, rows, Capacity(maxTokens)),
            _cost);
    }

    public IRewardRows Fan(IRewardRows source, IReadOnlyList<int> rows, int room, int? length = null)
    {
        if (Rereads)
        {
            return Gather([.. rows.Select(row => (source, row))], room, length);
        }

        KeyValueCache from = ((ModelRewardRows)source).Cache;
        int kept = length is { } count ? Cache.Length + count : from.Length;
        return new ModelRewardRows(this, from.Fan(Decoder, rows, kept + room + Prompt.Suffix.Count, kept), _cost);
    }

    public float[][] Read(IReadOnlyList<RewardReading> readings)
    {
        if (Rereads)
        {
            return [.. readings.Select(reading => reading.Rows.Read(reading.Tokens, reading.Suffixed, reading.Advance))];
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        ModelRewardRows.Input[] inputs =
            [.. readings.Select(reading => ((ModelRewardRows)reading.Rows).Prepare(reading.Tokens, reading.Suffixed))];
        Tensor[] hidden = Decoder.Read([.. inputs.Select(input => input.Pass)]);
        return [.. readings.Select(
            (reading, index) => ((ModelRewardRows)reading.Rows).Complete(inputs[index], hidden[index], reading.Advance))];
    }

    public void Follow(IReadOnlyList<(IRewardRows Rows, IReadOnlyList<int[]> Tokens)> groups)
    {
        if (Rereads)
        {
            foreach ((IRewardRows rows, IReadOnlyList<int[]> tokens) in groups)
            {
                rows.Follow(tokens);
            }

            return;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Decoder.Read([.. groups.Select(group => ((ModelRewardRows)group.Rows).Prepare(group.Tokens))]);
        foreach ((IRewardRows rows, IReadOnlyList<int[]> tokens) in groups)
        {
            ((ModelRewardRows)rows).Complete(tokens);
        }
    }

    public IRewardChains Follow(HardResponses rows, int room = 0, IRewardRows? read = null) => Rereads
        ? new RereadRewardChains(Rewards)
        : new ModelRewardChains(this, rows, Math.Max(room, rows.Positions), read as ModelRewardRows, _cost);

    /// <summary>A copy of a growing answer's first tokens, with room for others and the suffix.</summary>
    /// <param name="from">The only row.</param>
    /// <param name="tokens">How many of its tokens.</param>
    /// <param name="maxTokens">Maximum number of an answer's tokens.</param>
    public KeyValueCache Copy(ModelRewardRows from, int tokens, int maxTokens) =>
        KeyValueCache.Gather(Decoder, [(from.Cache, 0)], Capacity(maxTokens), Cache.Length + tokens);

    /// <summary>Creates growing rows that all continue the prefix, with room for the suffix.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="maxTokens">Maximum number of an answer's tokens.</param>
    public KeyValueCache Branch(int rows, int maxTokens) => Cache.Branch(Decoder, rows, Capacity(maxTokens)).Join(_run);

    /// <summary>The rewards of groups of rows after any cached prefixes, which are read together.</summary>
    /// <param name="groups">
    /// For each group its cache, its ids of the response and the suffix [rows, width], and the index of each row's last suffix token.
    /// </param>
    /// <returns>[rows of all groups], fp32.</returns>
    public Tensor Rewards(IReadOnlyList<(KeyValueCache Prefix, Tensor Ids, long[] Ends)> groups)
    {
        _cost.RewardForward(groups.Sum(group => group.Ids.NumberOfElements));
        Tensor[] hidden = Decoder.Read(
        [
            .. groups.Select(group => new IdPass(group.Ids, group.Prefix, (int)Math.Max(0, group.Ids.shape[1] - Prompt.Suffix.Count))
            {
                AfterPrompt = group.Prefix == Cache ? _run : null,
                Lengths = [.. group.Ends.Select(end => (int)end + 1)],
            }),
        ]);
        Tensor[] ends =
        [
            .. groups.Zip(hidden, (group, states) => states.reshape(-1, states.shape[2]).index_select(
                0, tensor(EndIndices(group.Ends, group.Ids.shape[1]), device: Decoder.Device))),
        ];
        return Model.Head.Rewards(ends.Length == 1 ? ends[0] : cat(ends));
    }

    public void Dispose()
    {
        if (Shared is null)
        {
            _run?.Dispose();
        }

        _reading.Dispose();
    }

    private float[] Rewards(RewardInputs read, int rows)
    {
        Fitting(read);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        bool isKept = _run is not null && _run.Keeps(Decoder) && (long)rows * read.Width <= RunReading.Slots;
        using KeyValueCache? other = isKept ? Branch(rows, read.Width) : Shorter(read.Kept);
        return Rewards([(other ?? Cache, ResponseScorer.Ids(read.Ids, rows, Decoder), read.Ends)])
            .cpu()
            .data<float>()
            .ToArray();
    }

    private RewardInputs Fitting(RewardInputs read) => read.Kept + read.Width <= Decoder.Config.MaxPositions
        ? read
        : throw new AnswerTooLongException(Model.Description.Name, read.Kept + read.Width, Decoder.Config.MaxPositions);

    // The first positions of the prefix, if an answer changes what is read before it; null if all of them stay.
    private KeyValueCache? Shorter(int kept) => kept == Cache.Length ? null : Cache.Fork(Decoder, 1, kept, kept).Freeze();

    // Index of each row's end among all positions.
    private static long[] EndIndices(long[] ends, long width) => [.. ends.Select((end, row) => (row * width) + end)];

    private int Capacity(int maxTokens) => Cache.Length + maxTokens + Prompt.Suffix.Count;
}
