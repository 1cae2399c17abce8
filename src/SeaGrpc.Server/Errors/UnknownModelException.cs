namespace SeaGrpc.Server.Errors;

/// <summary>A request names a model that is not loaded.</summary>
internal sealed class UnknownModelException(string field, string name, string loaded)
    : Exception(
        $"{field}: there is no model \"{CallerText.Shown(name)}\"; loaded: \"{loaded}\". Omit the field or name a loaded model.")
{
    /// <summary>The name that was asked for.</summary>
    public string Name { get; } = name;
}
