using System.Text.Json;

namespace SeaGrpc.Lab.Evaluation.Judging.Refusals;

/// <summary>
/// A file of preference pairs about refusing, one JSON object a line: <c>split</c> (train: a reward model learnt from it; tune: it did
/// not), <c>kind</c>, <c>chosen</c> and <c>rejected</c>.
/// </summary>
/// <remarks>
/// A label follows from the kind: of <c>refuse</c> the chosen answer refuses and the rejected one does not; of <c>answer</c> it is the
/// other way round; of <c>hybrid</c> the rejected one begins like a refusal and complies. Other kinds say nothing of refusals.
/// </remarks>
public sealed class RefusalPairs
{
    private const string HeldOutSplit = "tune";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private RefusalPairs(IReadOnlyList<RefusalExample> heldOut, IReadOnlyList<RefusalExample> trained) =>
        (HeldOut, Trained) = (heldOut, trained);

    /// <summary>Different answers of the pairs from which no reward model learnt.</summary>
    public IReadOnlyList<RefusalExample> HeldOut { get; }

    /// <summary>Those of the pairs from which one did.</summary>
    public IReadOnlyList<RefusalExample> Trained { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or says nothing of refusals; the message says where.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RefusalPairs Load(string path)
    {
        Pair[] pairs = [.. File.ReadLines(path).Index().Select(line => Parse(path, line.Index + 1, line.Item))];
        RefusalExample[] heldOut = Answers(pairs.Where(pair => pair.Split == HeldOutSplit));
        return heldOut.Select(answer => answer.IsRefusal).Distinct().Count() == 2
            ? new RefusalPairs(heldOut, Answers(pairs.Where(pair => pair.Split != HeldOutSplit)))
            : throw new InvalidDataException(
                $"{path} has no pairs of split {HeldOutSplit} with both refusals and other answers, so a judge cannot be trained.");
    }

    private static Pair Parse(string path, int number, string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Pair>(line, Json) is
            { Split: not null, Kind: not null, Chosen: not null, Rejected: not null } pair
                ? pair
                : throw new JsonException("split, kind, chosen or rejected is missing");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}:{number} is not a pair: {error.Message}", error);
        }
    }

    private static RefusalExample[] Answers(IEnumerable<Pair> pairs) => [.. pairs.SelectMany(Answers).Distinct()];

    private static IEnumerable<RefusalExample> Answers(Pair pair) => pair.Kind switch
    {
        "refuse" => [new(pair.Chosen!, true), new(pair.Rejected!, false)],
        "answer" => [new(pair.Chosen!, false), new(pair.Rejected!, true)],
        "hybrid" => [new(pair.Chosen!, true), new(pair.Rejected!, false)],
        _ => [],
    };

    private sealed record Pair(string? Split, string? Kind, string? Chosen, string? Rejected);
}
