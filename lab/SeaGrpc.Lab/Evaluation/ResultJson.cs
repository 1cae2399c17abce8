using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaGrpc.Lab.Evaluation;

/// <summary>How results are written as JSON.</summary>
internal static class ResultJson
{
    /// <summary>One object per line.</summary>
    public static JsonSerializerOptions Line { get; } = Options(indented: false);

    /// <summary>For people too.</summary>
    public static JsonSerializerOptions Document { get; } = Options(indented: true);

    /// <summary>Writes a document to a neighbouring file first, so that neither a reader nor a crash leaves half of it.</summary>
    public static void Write<T>(string path, T value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(value, Document) + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };
}
