namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Errors that occur when a template is rendered.</summary>
internal static class JinjaFault
{
    internal static ChatTemplateException Because(string problem) => new($"The chat template cannot be rendered: {problem}.");

    /// <summary>A value's kind, for messages.</summary>
    internal static string KindOf(object? value) => value switch
    {
        null => "none",
        JinjaUndefined undefined => $"the undefined '{undefined.Name}'",
        bool => "a truth value",
        long or double or System.Numerics.BigInteger => "a number",
        string or JinjaMarkup => "text",
        List<object?> => "a list",
        JinjaTuple => "a tuple",
        JinjaMap => "a mapping",
        JinjaRange => "a range",
        JinjaView => "a mapping's view",
        JinjaIterator iterator => $"what {iterator.Source} gives, which can be run over once and has no length",
        JinjaObject item => item.Description,
        _ => "a value",
    };
}
