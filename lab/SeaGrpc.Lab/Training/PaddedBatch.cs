using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>Sequences side by side, filled on the right; causal attention never reads the filling.</summary>
internal sealed class PaddedBatch
{
    private const long Filling = 0;

    public PaddedBatch(IReadOnlyList<TrainingSequence> sequences)
    {
        Sequences = sequences;
        Length = sequences.Max(sequence => sequence.Ids.Length);
        var ids = new long[sequences.Count * Length];
        Array.Fill(ids, Filling);
        for (var row = 0; row < sequences.Count; row++)
        {
            for (var at = 0; at < sequences[row].Ids.Length; at++)
            {
                ids[(row * Length) + at] = sequences[row].Ids[at];
            }
        }

        Ids = tensor(ids, [sequences.Count, Length]);
    }

    /// <summary>The rows.</summary>
    public IReadOnlyList<TrainingSequence> Sequences { get; }

    /// <summary>Columns.</summary>
    public int Length { get; }

    /// <summary>Ids [rows, length], int64; belongs to the dispose scope in which the batch was made.</summary>
    public Tensor Ids { get; }

    /// <summary>Flat indices of each row's last id, [rows].</summary>
    public Tensor LastIndices() =>
        tensor(Sequences.Select((sequence, row) => ((long)row * Length) + sequence.Ids.Length - 1).ToArray());

    /// <summary>Flat indices of the positions that predict a response's ids, and those ids.</summary>
    public (Tensor Indices, Tensor Targets) ResponseTargets()
    {
        var indices = new List<long>();
        var targets = new List<long>();
        for (var row = 0; row < Sequences.Count; row++)
        {
            var (ids, start) = Sequences[row];
            for (var at = start; at < ids.Length; at++)
            {
                indices.Add(((long)row * Length) + at - 1);
                targets.Add(ids[at]);
            }
        }

        return (tensor(indices), tensor(targets));
    }

    /// <summary>1 at a response's positions, 0 elsewhere: [rows, length, 1].</summary>
    public Tensor ResponseMask()
    {
        var mask = new float[Sequences.Count * Length];
        for (var row = 0; row < Sequences.Count; row++)
        {
            Array.Fill(mask, 1, (row * Length) + Sequences[row].ResponseStart, Sequences[row].Ids.Length - Sequences[row].ResponseStart);
        }

        return tensor(mask, [Sequences.Count, Length, 1]);
    }
}
