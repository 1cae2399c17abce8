using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>
/// Pairs side by side, one in a row: the shared ids, the rest of the chosen text, the rest of the rejected one, filled on the right. The
/// rests have the same positions, and neither sees the other, so that the shared ids are read once for both.
/// </summary>
/// <remarks>Its tensors belong to the dispose scope in which it is made.</remarks>
internal sealed class PairBatch
{
    private const int FillingPart = 3;

    private readonly int[] _parts;
    private readonly int[] _positions;

    /// <summary>Lays the pairs out.</summary>
    /// <param name="pairs">At least one.</param>
    public PairBatch(IReadOnlyList<PairIds> pairs)
    {
        Pairs = pairs;
        Length = pairs.Max(pair => pair.Length);
        var ids = new long[pairs.Count * Length];
        _parts = new int[ids.Length];
        _positions = new int[ids.Length];
        Array.Fill(_parts, FillingPart);
        for (int row = 0; row < pairs.Count; row++)
        {
            int at = row * Length;
            foreach ((int part, int[] own) in new[] { pairs[row].Shared, pairs[row].Chosen, pairs[row].Rejected }.Index())
            {
                int first = part == 0 ? 0 : pairs[row].Shared.Length;
                for (int index = 0; index < own.Length; index++, at++)
                {
                    (ids[at], _parts[at], _positions[at]) = (own[index], part, first + index);
                }
            }
        }

        Ids = tensor(ids, [pairs.Count, Length]);
        Positions = tensor(_positions, ScalarType.Int64);
    }

    /// <summary>The rows.</summary>
    public IReadOnlyList<PairIds> Pairs { get; }

    /// <summary>Columns.</summary>
    public int Length { get; }

    /// <summary>Ids [rows, length], int64.</summary>
    public Tensor Ids { get; }

    /// <summary>Each id's position in its text [rows * length], int64.</summary>
    public Tensor Positions { get; }

    /// <summary>The largest position.</summary>
    public int LastPosition => Pairs.Max(pair => pair.Longest) - 1;

    /// <summary>Flat indices of the last ids of the chosen texts [rows].</summary>
    public Tensor ChosenEnds() => Ends(pair => pair.Shared.Length + pair.Chosen.Length);

    /// <summary>Flat indices of the last ids of the rejected texts [rows].</summary>
    public Tensor RejectedEnds() => Ends(pair => pair.Length);

    /// <summary>What each id sees, as a mask to add to scores: 0, or -infinity [rows, 1, length, length], fp32.</summary>
    /// <param name="window">Number of positions that an id sees, its own included; null for all.</param>
    public Tensor Mask(int? window)
    {
        var mask = new float[Pairs.Count * Length * Length];
        Array.Fill(mask, float.NegativeInfinity);
        for (int row = 0; row < Pairs.Count; row++)
        {
            int start = row * Length;
            for (int query = start; query < start + Length; query++)
            {
                for (int key = start; key <= query; key++)
                {
                    if ((_parts[key] == 0 || _parts[key] == _parts[query]) && !(_positions[query] - _positions[key] >= window))
                    {
                        mask[(query * Length) + key - start] = 0;
                    }
                }
            }
        }

        return tensor(mask, [Pairs.Count, 1, Length, Length]);
    }

    private Tensor Ends(Func<PairIds, int> length) =>
        tensor(Pairs.Select((pair, row) => ((long)row * Length) + length(pair) - 1).ToArray());
}
