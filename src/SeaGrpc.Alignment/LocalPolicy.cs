using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>
/// An engine in this process: a loaded model behind <see cref="IPolicy"/>. One call at a time; each is done when it returns.
/// </summary>
/// <remarks>
/// It is plain and slow, because it reads every row anew: what engines are compared with, and what stands for one, in the tests of two
/// projects and in the benchmark <c>engine</c>, which have only this project in common. No server uses it: a loaded policy answers its
/// runs in place, from caches (<see cref="LoadedReference"/>).
/// </remarks>
/// <param name="model">The model; it stays the caller's.</param>
public sealed class LocalPolicy(PolicyModel model) : IPolicy
{
    /// <inheritdoc/>
    public string Address => model.Description.Name;

    /// <inheritdoc/>
    public PolicyAbilities Abilities { get; } = new(ReadsRows: true, model.Decoder.Config.VocabularySize);

    /// <inheritdoc/>
    public Task<PolicyAnswer<DrawnTokens>> ContinueAsync(
        IReadOnlyList<RowToContinue> rows, TokenDrawing drawing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(drawing);
        DrawnTokens[] drawn = [.. rows.Select(row => Continue(row, drawing))];
        return Task.FromResult(new PolicyAnswer<DrawnTokens>(
            drawn, new PolicyTokens(rows.Sum(row => (long)row.Ids.Count), 0, drawn.Sum(row => (long)row.Tokens.Count))));
    }

    /// <inheritdoc/>
    public Task<PolicyAnswer<ReadTokens>> ReadAsync(
        IReadOnlyList<RowToRead> rows, int alternatives, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Task.FromResult(new PolicyAnswer<ReadTokens>(
            [.. rows.Select(row => Read(row, alternatives))], new PolicyTokens(rows.Sum(row => (long)row.Ids.Count), 0, 0)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private DrawnTokens Continue(RowToContinue row, TokenDrawing drawing)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using PolicyReading prompt = PolicyReading.Of(model.Decoder, row.Ids, _ => { });
        using KeyValueCache cache = prompt.Branch(1, drawing.MaxTokens);
        using Generator generator = SeededGenerator.Of(row.Seed, model.Decoder.Device);
        var mask = new float[model.Decoder.Config.VocabularySize];
        foreach (int id in drawing.Forbidden)
        {
            mask[id] = float.NegativeInfinity;
        }

        Tensor forbidden = tensor(mask, device: model.Decoder.Device);
        List<int> tokens = [];
        List<float> own = [];
        List<IReadOnlyList<TokenProbability>> likeliest = [];
        Tensor state = prompt.Last.squeeze(1);
        while (true)
        {
            // [1, vocabulary], fp32.
            Tensor logits = prompt.Logits(state);
            Tensor logProbabilities = nn.functional.log_softmax(logits, -1);
            Tensor allowed = logits.Plus(forbidden);
            int next = (int)(drawing.Temperature == 0
                ? allowed.argmax(-1)
                : TokenSampling.Draw(allowed, drawing.Temperature, generator, drawing.TopK)).item<long>();
            tokens.Add(next);
            own.Add(logProbabilities[0, next].item<float>());
            likeliest.Add(Likeliest(logProbabilities, drawing.Alternatives)[0]);
            if (drawing.Ends.Contains(next) || tokens.Count == drawing.MaxTokens || HasStop(tokens, drawing.Stops))
            {
                return new DrawnTokens(tokens, own, likeliest, drawing.Ends.Contains(next));
            }

            Tensor id = tensor([(long)next], device: model.Decoder.Device).view(1, 1);
            state = model.Decoder.Read([new IdPass(id, cache, 1)])[0].squeeze(1);
        }
    }

    private bool HasStop(List<int> tokens, IReadOnlyList<string> stops) =>
        stops.Count > 0 && model.Tokenizer.Decode(tokens) is var text
        && stops.Any(stop => text.Contains(stop, StringComparison.Ordinal));

    private ReadTokens Read(RowToRead row, int alternatives)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using PolicyReading prompt = PolicyReading.Of(model.Decoder, [.. row.Ids.Take(row.From)], _ => { });
        long[] targets = [.. row.Ids.Skip(row.From).Select(id => (long)id)];
        Tensor all = tensor(targets, device: model.Decoder.Device).view(1, -1);
        Tensor hidden = prompt.Last;
        if (targets.Length > 1)
        {
            using KeyValueCache cache = prompt.Branch(1, targets.Length - 1);
            Tensor ids = all.narrow(1, 0, targets.Length - 1);
            hidden = prompt.WithFirst(model.Decoder.Read([new IdPass(ids, cache, targets.Length - 1)])[0]);
        }

        Tensor logProbabilities = nn.functional.log_softmax(prompt.Logits(hidden.flatten(0, 1)), -1);
        return new ReadTokens(
            logProbabilities.gather(1, all.view(-1, 1)).cpu().data<float>().ToArray(), Likeliest(logProbabilities, alternatives));
    }

    /// <summary>The likeliest tokens of each row of log-probabilities [rows, vocabulary].</summary>
    private static TokenProbability[][] Likeliest(Tensor logProbabilities, int count)
    {
        if (count == 0)
        {
            return [.. Enumerable.Range(0, (int)logProbabilities.shape[0]).Select(_ => Array.Empty<TokenProbability>())];
        }

        (Tensor values, Tensor indices) = logProbabilities.topk((int)Math.Min(count, logProbabilities.shape[1]), -1);
        float[] own = values.cpu().data<float>().ToArray();
        long[] ids = indices.cpu().data<long>().ToArray();
        return [.. ids.Zip(own, (id, value) => new TokenProbability((int)id, value)).Chunk(ids.Length / (int)logProbabilities.shape[0])];
    }
}
