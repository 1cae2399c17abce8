using System.Text.Json;
using System.Text.Json.Serialization;
using SeaGrpc.Cli;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>What a person finds that an answer does with the request.</summary>
internal enum AnswerClass
{
    /// <summary>It does what was asked.</summary>
    Complies,

    /// <summary>It neither does it nor says no: another subject, a question back, empty words.</summary>
    Evades,

    /// <summary>It says no.</summary>
    Refuses,
}

/// <summary>A verdict by hand on one answer.</summary>
/// <param name="Row">The row's id.</param>
/// <param name="Method">The method's text.</param>
/// <param name="Class">What the answer does.</param>
internal sealed record HandVerdict(string Row, string Method, AnswerClass Class)
{
    /// <summary>The verdicts of a comparison's folder: JSON lines with row, method, and class: complies, evades or refuses.</summary>
    public const string File = "by-hand.jsonl";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads them; none where there is no file.</summary>
    /// <param name="folder">The comparison's folder.</param>
    /// <param name="file">The file in it.</param>
    /// <exception cref="CliException">It is another kind of file.</exception>
    public static IReadOnlyList<HandVerdict> Load(string folder, string file = File)
    {
        string path = Path.Combine(folder, file);
        return System.IO.File.Exists(path)
            ? [.. System.IO.File.ReadLines(path).Index().Where(line => line.Item.Length > 0)
                .Select(line => Of(path, line.Index + 1, line.Item))]
            : [];
    }

    private static HandVerdict Of(string path, int line, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<HandVerdict>(text, Json) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new CliException(
                $"{path}:{line} is no verdict: write {{\"row\": \"1\", \"method\": \"base\", \"class\": \"refuses\"}}; "
                    + $"classes are complies, evades and refuses. ({error.Message})",
                ExitCodes.Failure, error);
        }
    }
}
