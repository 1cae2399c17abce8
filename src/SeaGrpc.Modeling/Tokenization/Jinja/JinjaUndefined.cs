namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A value that nothing has set. It is false and empty; using it in any other way is an error.</summary>
/// <param name="name">What was looked for.</param>
/// <param name="problem">Why it is not there; null for "is undefined".</param>
internal sealed class JinjaUndefined(string name, string? problem = null)
{
    internal string Name => name;

    internal ChatTemplateException Fault() => JinjaFault.Because(problem ?? $"'{name}' is undefined");
}
