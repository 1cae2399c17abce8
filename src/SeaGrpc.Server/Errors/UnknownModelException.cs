namespace SeaGrpc.Server.Errors;

/// <summary>A request names a model that is not loaded.</summary>
/// <param name="field">The field of the request that names it.</param>
/// <param name="name">The name that was asked for.</param>
/// <param name="known">The names that there are, with quotation marks between them.</param>
/// <param name="mayLoad">Whether models that are not loaded may be named, too.</param>
internal sealed class UnknownModelException(string field, string name, string known, bool mayLoad = false)
    : Exception(
        $"{field}: there is no model \"{CallerText.Shown(name)}\"; {(mayLoad ? "served" : "loaded")}: \"{known}\". Omit the field or name "
            + $"a {(mayLoad ? "served" : "loaded")} model.")
{
    /// <summary>The name that was asked for.</summary>
    public string Name { get; } = name;
}
