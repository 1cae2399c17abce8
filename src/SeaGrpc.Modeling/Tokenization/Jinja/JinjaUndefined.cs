namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>An undefined value. It is false and empty; any other use is an error.</summary>
/// <param name="name">The name that was looked up.</param>
/// <param name="problem">Why it is undefined; null for "is undefined".</param>
internal sealed class JinjaUndefined(string name, string? problem = null)
{
    internal string Name => name;

    internal ChatTemplateException Fault() => JinjaFault.Because(problem ?? $"'{name}' is undefined");
}
