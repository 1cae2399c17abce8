using System.Text.Json.Serialization;
using SeaGrpc.Server.OpenAi.Errors;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>The body of an error.</summary>
internal sealed record ErrorBody(ErrorBody.Detail Error)
{
    /// <summary>The body of an error.</summary>
    public static ErrorBody Of(OpenAiError error) => new(new Detail(error.Message, error.Type, error.Param, error.Code));

    /// <summary>The error.</summary>
    /// <param name="Message">What is wrong.</param>
    /// <param name="Type">Its kind.</param>
    /// <param name="Param">The field that is wrong.</param>
    /// <param name="Code">A name for programs.</param>
    internal sealed record Detail(
        string Message,
        string Type,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
}
