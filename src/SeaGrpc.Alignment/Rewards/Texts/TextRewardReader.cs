using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>
/// Reads conversations with a reward model. Keys and values are used up to the first id that differs from what the cache holds, and not
/// beyond: ids merge across cuts, so those of a longer text need not start with those of a shorter one.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="trunk">The frozen cache over the ids that almost all of them start with, one row.</param>
/// <param name="start">These ids.</param>
/// <param name="responses">The run's reading after these ids; null if there is none.</param>
/// <param name="cost">Counts the passes.</param>
internal sealed class TextRewardReader(
    RewardModel model, KeyValueCache trunk, IReadOnlyList<int> start, RunReading? responses, CostCounter cost)
{
    private readonly int[] _start = [.. start];

    private TransformerDecoder Decoder => model.Decoder;

    /// <summary>Reads conversations to their ends.</summary>
    /// <param name="conversations">All ids of each, at least one, and what was read of a similar one before, or null.</param>
    /// <param name="keeps">Whether the readings are wanted.</param>
    /// <param name="copies">Whether what is continued is copied, so that it can be freed.</param>
    /// <returns>
    /// The rewards, and the readings if they are wanted; null where the ids do not begin as almost all do, so that nothing can continue
    /// them.
    /// </returns>
    /// <exception cref="AnswerTooLongException">One of them is longer than the model reads.</exception>
    public (float[] Rewards, TextReading?[] Readings) Read(
        IReadOnlyList<(int[] Ids, TextReading? From)> conversations, bool keeps = false, bool copies = false)
    {
        CheckLengths(conversations.Select(one => one.Ids), model);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var rewards = new float[conversations.Count];
        var readings = new TextReading?[conversations.Count];
        List<TextPass> passes = [];
        try
        {
            foreach (IGrouping<int, int> group in Enumerable.Range(0, conversations.Count).GroupBy(row => Kept(conversations[row])))
            {
                passes.Add(Pass([.. group], conversations, group.Key, keeps, copies));
            }

            // Those that another job may find come first.
            passes = [.. passes.OrderByDescending(pass => pass.FollowsPrompt)];
            foreach ((TextPass pass, Tensor states) in passes.Zip(passes.GroupBy(pass => pass.FollowsPrompt).SelectMany(group =>
                Decoder.Read([.. group.Select(pass => pass.Input(Decoder, group.Key ? responses : null))]))))
            {
                cost.RewardForward((long)pass.Rows.Length * pass.Width);
                Tensor ends = states.reshape(-1, states.shape[2]).index_select(0, tensor(pass.Ends(), device: Decoder.Device));
                Spread(model.Head.Rewards(ends).cpu().data<float>().ToArray(), pass.Rows, rewards);
            }

            if (keeps)
            {
                passes.ForEach(pass => Spread(pass.Readings() ?? [], pass.Rows, readings));
            }

            return (rewards, readings);
        }
        finally
        {
            passes.ForEach(pass => pass.Dispose());
        }
    }

    /// <summary>Copies of readings, which continue to live without their sources. Equally long ones share a cache.</summary>
    public TextReading?[] Copies(IReadOnlyList<TextReading?> readings)
    {
        var copies = new TextReading?[readings.Count];
        foreach (IGrouping<int, int> group in Enumerable.Range(0, readings.Count)
            .Where(row => readings[row] is not null)
            .GroupBy(row => readings[row]!.Ids.Length))
        {
            TextReading[] from = [.. group.Select(row => readings[row]!)];
            TextReading[] own = TextReading.Of(
                KeyValueCache.Gather(Decoder, [.. from.Select(one => (one.Cache, one.Row))], group.Key, group.Key),
                [.. from.Select(one => one.Ids)]);
            foreach ((int row, TextReading copy) in group.Zip(own))
            {
                copies[row] = copy;
            }
        }

        return copies;
    }

    /// <summary>Refuses conversations that the model cannot read.</summary>
    /// <param name="conversations">Their ids.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="AnswerTooLongException">One of them is longer than the model reads.</exception>
    public static void CheckLengths(IEnumerable<int[]> conversations, RewardModel model)
    {
        int longest = conversations.Max(ids => ids.Length);
        int positions = model.Decoder.Config.MaxPositions;
        if (longest > positions)
        {
            throw new AnswerTooLongException(model.Description.Name, longest, positions);
        }
    }

    private static void Spread<T>(T[] own, int[] rows, T?[] all)
    {
        for (int row = 0; row < own.Length; row++)
        {
            all[rows[row]] = own[row];
        }
    }

    // The last id is always read, because the reward is computed from its state.
    private int Kept((int[] Ids, TextReading? From) conversation)
    {
        int[] read = conversation.From?.Ids ?? _start;
        return Math.Min(conversation.Ids.AsSpan().CommonPrefixLength(read), conversation.Ids.Length - 1);
    }

    private TextPass Pass(
        int[] rows, IReadOnlyList<(int[] Ids, TextReading? From)> conversations, int kept, bool keeps, bool copies)
    {
        int[][] ids = [.. rows.Select(row => conversations[row].Ids)];
        int capacity = ids.Max(own => own.Length);
        if (kept <= _start.Length)
        {
            return kept == _start.Length && keeps
                ? TextPass.Storing(rows, ids, kept, trunk.Branch(Decoder, rows.Length, capacity).Join(responses))
                : TextPass.Reading(rows, ids, kept, trunk, Decoder);
        }

        TextReading[] from = [.. rows.Select(row => conversations[row].From!)];
        KeyValueCache cache = !copies && from.All(one => one.Cache == from[0].Cache)
            ? from[0].Cache.Fan(Decoder, [.. from.Select(one => one.Row)], capacity, kept)
            : KeyValueCache.Gather(Decoder, [.. from.Select(one => (one.Cache, one.Row))], capacity, kept);
        return TextPass.Storing(rows, ids, kept, cache);
    }
}
