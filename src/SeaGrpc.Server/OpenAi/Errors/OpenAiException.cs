namespace SeaGrpc.Server.OpenAi.Errors;

/// <summary>A request fails with an error that is known already.</summary>
internal sealed class OpenAiException(OpenAiError error, Exception? cause = null) : Exception(error.Message, cause)
{
    /// <summary>The error.</summary>
    public OpenAiError Error { get; } = error;

    /// <summary>A field has the wrong type.</summary>
    public static OpenAiException Type(string param, string expected, string found) =>
        new(OpenAiError.Field(param, $"must be {expected}, but is {found}.", "invalid_type"));

    /// <summary>A field has a value that it cannot have.</summary>
    public static OpenAiException Value(string param, string problem) => new(OpenAiError.Field(param, problem, "invalid_value"));

    /// <summary>A field has a value that exists elsewhere but not here.</summary>
    public static OpenAiException Unsupported(string param, string problem) =>
        new(OpenAiError.Field(param, problem, "unsupported_parameter"));

    /// <summary>A field is missing.</summary>
    public static OpenAiException Missing(string param, string problem) =>
        new(OpenAiError.Field(param, problem, "missing_required_parameter"));

    /// <summary>There is no such field.</summary>
    public static OpenAiException Unknown(string param, string nearest) =>
        new(OpenAiError.Field(
            CallerText.Shown(param), $"is not a parameter of this server; did you mean {nearest}?", "unknown_parameter"));
}
