using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.OpenAi.Errors;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>The model that a request names, which may carry a method: <c>tiny-policy:best-of-16</c>.</summary>
/// <param name="Given">The name as it was given; the model's own where none was.</param>
/// <param name="Model">The model's own name; null for the default one.</param>
/// <param name="Method">The method behind the colon, as on the command line; null if there is none.</param>
/// <param name="IsUpstream">Whether it is a model of the backend that drafts come from.</param>
internal sealed record ModelName(string Given, string? Model, string? Method, bool IsUpstream)
{
    private const char Separator = ':';

    /// <summary>Reads a name.</summary>
    /// <param name="given">The name; null for none.</param>
    /// <param name="pairs">The names of the pairs that are served, the default one first; they have no colons.</param>
    /// <param name="hasUpstream">Whether drafts come from a backend; then any name but those is a model there.</param>
    /// <param name="upstream">The only model there that is asked for; null for any.</param>
    /// <exception cref="OpenAiException">A method follows a pair's name that does not exist.</exception>
    public static ModelName Of(string? given, IReadOnlyList<string> pairs, bool hasUpstream, string? upstream)
    {
        if (string.IsNullOrEmpty(given))
        {
            return new ModelName(hasUpstream ? upstream ?? pairs[0] : pairs[0], upstream, null, hasUpstream);
        }

        if (pairs.Contains(given))
        {
            return new ModelName(given, given, null, IsUpstream: false);
        }

        int colon = given.LastIndexOf(Separator);
        (string name, string? method) = colon < 0 ? (given, null) : (given[..colon], given[(colon + 1)..]);
        if (method is not null && (pairs.Contains(name) || name == upstream))
        {
            Check(method);
            return new ModelName(given, name, method, !pairs.Contains(name));
        }

        // Names elsewhere may have colons of their own: llama3.2:3b.
        return method is not null && hasUpstream && upstream is null && IsMethod(method)
            ? new ModelName(given, name, method, IsUpstream: true)
            : new ModelName(given, given, null, hasUpstream && (upstream is null || given == upstream));
    }

    private static void Check(string method)
    {
        try
        {
            MethodText.Parse(method);
        }
        catch (ArgumentException wrong)
        {
            throw OpenAiException.Value("model", $"names a method that cannot run: {wrong.Message}");
        }
    }

    private static bool IsMethod(string method)
    {
        try
        {
            MethodText.Parse(method);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
