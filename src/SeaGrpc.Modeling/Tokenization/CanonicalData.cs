using System.Globalization;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Unicode's tables of canonical combining classes, full decompositions and primary compositions.</summary>
/// <remarks>
/// .NET does not normalise while InvariantGlobalization is on, hence tables of our own: CanonicalData.txt, which
/// build/make-canonical-data.mjs writes.
/// </remarks>
internal sealed class CanonicalData
{
    private CanonicalData(StreamReader reader)
    {
        var section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                section = line;
            }
            else if (!line.StartsWith('#'))
            {
                Add(section, line.Split(' '));
            }
        }
    }

    internal static CanonicalData Instance { get; } = Read();

    /// <summary>Combining classes other than 0.</summary>
    internal Dictionary<int, byte> Classes { get; } = [];

    /// <summary>Full decompositions.</summary>
    internal Dictionary<int, int[]> Decompositions { get; } = [];

    /// <summary>What two code points compose to.</summary>
    internal Dictionary<(int First, int Second), int> Compositions { get; } = [];

    private static CanonicalData Read()
    {
        var type = typeof(CanonicalData);
        using var stream = type.Assembly.GetManifestResourceStream(type.FullName + ".txt")
            ?? throw new InvalidOperationException($"The resource {type.FullName}.txt is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return new CanonicalData(reader);
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber);

    private void Add(string section, string[] fields)
    {
        switch (section)
        {
            case "[classes]":
                foreach (var range in fields.Skip(1).Select(field => field.Split('-')))
                {
                    for (var codePoint = Hex(range[0]); codePoint <= Hex(range[^1]); codePoint++)
                    {
                        Classes.Add(codePoint, byte.Parse(fields[0]));
                    }
                }

                break;
            case "[decompositions]":
                Decompositions.Add(Hex(fields[0]), [.. fields.Skip(1).Select(Hex)]);
                break;
            default:
                Compositions.Add((Hex(fields[0]), Hex(fields[1])), Hex(fields[2]));
                break;
        }
    }
}
