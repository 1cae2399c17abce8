using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.OpenAi.Errors;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>Names that a caller wrote. Comparing them takes time and memory in proportion to their length, so it is limited.</summary>
internal static class Spelling
{
    private const int MostCharacters = 1024;

    /// <summary>The known name that a misspelt one was probably meant to be.</summary>
    public static string Nearest(string name, IEnumerable<string> known) =>
        NearestName.Of(name[..Math.Min(name.Length, CallerText.MostCharacters)], known);

    /// <summary>A text that is the name of a model or a method.</summary>
    /// <exception cref="OpenAiException">It is none, or too long for one.</exception>
    public static string Short(JsonField field) => field.Text() is { Length: <= MostCharacters } text
        ? text
        : throw OpenAiException.Value(field.Param, $"may have at most {MostCharacters} characters.");
}
