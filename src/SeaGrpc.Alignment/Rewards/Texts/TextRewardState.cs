using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>A reward model that reads answers as text, after the ids that almost all conversations with an answer start with.</summary>
internal sealed class TextRewardState : IRewardState
{
    private readonly RewardModel _model;
    private readonly Lazy<TextVocabulary> _vocabulary;
    private readonly PromptReading _reading;
    private readonly CostCounter _cost;

    /// <summary>Reads the prompt.</summary>
    public TextRewardState(RewardModel model, Lazy<TextVocabulary> vocabulary, TextRewardPrompt prompt, CostCounter cost)
    {
        _model = model;
        _vocabulary = vocabulary;
        _cost = cost;
        Prompt = prompt;
        cost.RewardReused(model.Decoder.Known(prompt.Prefix));
        _reading = model.Decoder.Read(prompt.Prefix);
        cost.RewardForward(prompt.Prefix.Count);
        Reader = new TextRewardReader(
            model, _reading.Cache, prompt.Prefix, RunReading.After(model.Decoder, _reading, cost.RewardReused), cost);
    }

    public TextRewardPrompt Prompt { get; }

    public TextRewardReader Reader { get; }

    public float[] Rewards(HardResponses rows) => Reader.Read(
        [.. Enumerable.Range(0, rows.Rows).Select(row => (Prompt.Read(rows.Content(row), isWhole: true), (TextReading?)null))]).Rewards;

    public IRewardGradient Gradient(HardResponses rows, double weight, EmbeddingSmoothing smoothing) =>
        TextRewardGradient.At(_model, _vocabulary.Value, Prompt, _reading.Cache, rows, weight, smoothing, _cost);

    public IRewardRows Grow(int rows, int maxTokens) =>
        new TextRewardRows(this, [.. Enumerable.Range(0, rows).Select(_ => new List<int>())], new TextReading?[rows]);

    public IRewardRows Grow(IRewardChains chains, IReadOnlyList<int> answer, int maxTokens) =>
        new TextRewardRows(this, [[.. answer]], Reader.Copies(((TextRewardChains)chains).Readings));

    public IRewardRows Gather(IReadOnlyList<(IRewardRows Source, int Row)> from, int maxTokens, int? length = null) =>
        Continue(from, length, Reader.Copies);

    /// <inheritdoc/>
    public IRewardRows Fan(IRewardRows source, IReadOnlyList<int> rows, int room, int? length = null) =>
        Continue([.. rows.Select(row => (source, row))], length, readings => [.. readings.Select(reading => reading?.Shared())]);

    public float[][] Read(IReadOnlyList<RewardReading> readings)
    {
        (float[] rewards, TextReading?[] read) = Reader.Read(
            [.. readings.SelectMany(reading => ((TextRewardRows)reading.Rows).Next(reading.Tokens, reading.Suffixed))], keeps: true);
        var scores = new float[readings.Count][];
        int start = 0;
        for (int index = 0; index < scores.Length; index++)
        {
            RewardReading reading = readings[index];
            int count = reading.Tokens.Count;
            ((TextRewardRows)reading.Rows).Advance(reading.Tokens, reading.Advance, read[start..(start + count)]);
            scores[index] = rewards[start..(start + count)];
            start += count;
        }

        return scores;
    }

    public IRewardChains Follow(HardResponses rows, int room = 0, IRewardRows? read = null) => new TextRewardChains(
        this, rows, read is TextRewardRows { Readings: var readings } ? Reader.Copies(readings) : new TextReading?[rows.Rows]);

    public void Dispose() => _reading.Dispose();

    private TextRewardRows Continue(
        IReadOnlyList<(IRewardRows Source, int Row)> from, int? length, Func<IReadOnlyList<TextReading?>, TextReading?[]> keep) => new(
        this,
        [.. from.Select(pick => ((TextRewardRows)pick.Source).Copy(pick.Row, length))],
        keep([.. from.Select(pick => ((TextRewardRows)pick.Source).Readings[pick.Row])]));
}
