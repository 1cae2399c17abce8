using System.Globalization;

namespace SeaGrpc.Modeling.Tokenization.Normalization;

/// <summary>
/// Unicode tables of canonical combining classes, full decompositions (canonical and compatible) and primary compositions.
/// </summary>
/// <remarks>
/// .NET does not normalise text if InvariantGlobalization is on, so there is an embedded table: NormalizationData.txt, written by
/// build/make-character-data.mjs with the older Unicode version of Hugging Face's tokenizers.
/// </remarks>
internal sealed class NormalizationData
{
    private NormalizationData()
    {
        foreach ((string section, string[] fields) in EmbeddedTable.Read("NormalizationData.txt"))
        {
            Add(section, fields);
        }
    }

    internal static NormalizationData Instance { get; } = new();

    /// <summary>Combining classes other than 0.</summary>
    internal Dictionary<int, byte> Classes { get; } = [];

    /// <summary>Full compatibility decompositions, where they differ from the canonical ones.</summary>
    internal Dictionary<int, int[]> CompatibilityDecompositions { get; } = [];

    /// <summary>Full canonical decompositions.</summary>
    internal Dictionary<int, int[]> Decompositions { get; } = [];

    /// <summary>Compositions of pairs of code points.</summary>
    internal Dictionary<(int First, int Second), int> Compositions { get; } = [];

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber);

    private void Add(string section, string[] fields)
    {
        switch (section)
        {
            case "classes":
                foreach (var range in fields.Skip(1).Select(field => field.Split('-')))
                {
                    for (var codePoint = Hex(range[0]); codePoint <= Hex(range[^1]); codePoint++)
                    {
                        Classes.Add(codePoint, byte.Parse(fields[0]));
                    }
                }

                break;
            case "decompositions":
                Decompositions.Add(Hex(fields[0]), [.. fields.Skip(1).Select(Hex)]);
                break;
            case "compatibility":
                CompatibilityDecompositions.Add(Hex(fields[0]), [.. fields.Skip(1).Select(Hex)]);
                break;
            default:
                Compositions.Add((Hex(fields[0]), Hex(fields[1])), Hex(fields[2]));
                break;
        }
    }
}
