using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>
/// Runs model passes: directly if the caller runs alone, or on a lane together with those of other jobs. On a lane, a long pass is split
/// between rows, and other jobs have their turn between the parts.
/// </summary>
public static class ModelPasses
{
    /// <summary>Up to this number of rows, reading and packing the output matrix takes longer than the product.</summary>
    private const long FewRows = 128;

    /// <summary>Number of vocabulary-wide numbers that cost as much as one position of a decoder pass.</summary>
    private const long NumbersPerPosition = 1024;

    /// <summary>Cost of vocabulary-wide work in token positions; at least 1.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Width of the rows.</param>
    public static long Positions(long rows, long vocabulary) => Math.Max(1, rows * vocabulary / NumbersPerPosition);

    /// <summary>Maximum token positions of a job's turn; unlimited if nothing else uses the device.</summary>
    public static long MaxTurnTokens => JobLane.Current?.MaxTurnTokens ?? long.MaxValue;

    /// <summary>Lets other jobs have their turn, if there are any, after work other than a pass.</summary>
    /// <param name="positions">Cost of the work in token positions.</param>
    public static void Pause(long positions) => JobLane.Current?.Await(new PauseRequest(positions));

    /// <summary>Runs layers of a decoder over new positions.</summary>
    internal static Tensor Forward(DecoderSection section, DecoderPass pass)
    {
        if (JobLane.Current is not { } lane)
        {
            return pass.Unpack(section.ForwardTogether([pass]), 0);
        }

        long step = RowsAtOnce(lane, pass);
        if (step >= pass.Rows)
        {
            return lane.Await(new ForwardRequest(section, [pass]))[0];
        }

        Tensor hidden = empty_like(pass.Embeddings);
        foreach ((long start, long count) in Parts(pass.Rows, step))
        {
            using var scope = NewDisposeScope();
            using KeyValueCache? own = pass.Cache is { IsOneForAll: false } all ? all.Rows(start, count) : null;
            var part = new DecoderPass(pass.Embeddings.narrow(0, start, count), own ?? pass.Cache);
            hidden.narrow(0, start, count).copy_(lane.Await(new ForwardRequest(section, [part]))[0]);
        }

        pass.Cache?.Advance(pass.Positions);
        return hidden;
    }

    /// <summary>
    /// Runs layers of a decoder over the new positions of several passes: together, or on a lane as many at a time as fit in a turn.
    /// </summary>
    internal static Tensor[] Forward(DecoderSection section, IReadOnlyList<DecoderPass> passes)
    {
        if (JobLane.Current is not { } lane)
        {
            return DecoderPass.Unpack(passes, section.ForwardTogether(passes), 0);
        }

        List<Tensor> states = [];
        List<DecoderPass> turn = [];
        foreach (DecoderPass pass in passes)
        {
            if (turn.Count > 0 && turn.Sum(other => other.Tokens) + pass.Tokens > lane.MaxTurnTokens)
            {
                TakeTurn();
            }

            turn.Add(pass);
        }

        TakeTurn();
        return [.. states];

        void TakeTurn()
        {
            states.AddRange(turn.Count == 1 ? [Forward(section, turn[0])] : lane.Await(new ForwardRequest(section, [.. turn])));
            turn.Clear();
        }
    }

    /// <summary>Runs layers of a decoder over new positions and records them for a backward pass.</summary>
    internal static RecordedPass Record(DecoderSection section, DecoderPass pass)
    {
        if (JobLane.Current is not { } lane)
        {
            (Tensor states, PassTape tape) = section.RecordTogether([pass]);
            return new RecordedPass(new SharedTape(tape, states.shape[0], 1), pass.Unpack(states, 0), 0);
        }

        long step = RowsAtOnce(lane, pass);
        if (step >= pass.Rows || pass.Cache is { IsOneForAll: false })
        {
            return lane.Await(new RecordRequest(section, pass));
        }

        Tensor hidden = empty_like(pass.Embeddings);
        List<RecordedPass> parts = [];
        try
        {
            foreach ((long start, long count) in Parts(pass.Rows, step))
            {
                using var scope = NewDisposeScope();
                parts.Add(lane.Await(new RecordRequest(section, new DecoderPass(pass.Embeddings.narrow(0, start, count), pass.Cache))));
                hidden.narrow(0, start, count).copy_(parts[^1].Hidden);
            }
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }

        return new RecordedPass(parts, hidden);
    }

    /// <summary>Logits of hidden states, without gradients. On a lane, a few rows are batched with those of other jobs.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="states">Hidden states [rows, hidden].</param>
    /// <returns>[rows, vocabulary], in the dtype of the weights. The caller may overwrite them.</returns>
    public static Tensor Logits(TransformerDecoder decoder, Tensor states)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(states);
        long rows = states.shape[0];
        if (rows > FewRows)
        {
            return decoder.Logits(states);
        }

        return JobLane.Current is { } lane
            ? lane.Await(new LogitsRequest(decoder, states))
            : decoder.Logits(PackedBatch.Filled([states])).narrow(0, 0, rows);
    }

    private static long RowsAtOnce(JobLane lane, DecoderPass pass) => Math.Max(1, lane.MaxTurnTokens / pass.Positions);

    private static IEnumerable<(long Start, long Count)> Parts(long rows, long step)
    {
        for (long start = 0; start < rows; start += step)
        {
            yield return (start, Math.Min(step, rows - start));
        }
    }
}
