using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is unset, or a token that fits in a header.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AuthTokenAttribute : ValidationAttribute
{
    private const int Longest = 4096;

    /// <summary>Requirements for a token, for messages.</summary>
    public const string Form = "8 to 4096 ASCII characters, without leading or trailing blanks and without control characters";

    /// <summary>Whether a text can be a token. A header can carry nothing else, and loses surrounding blanks.</summary>
    public static bool IsToken(string text) =>
        text.Length is >= SecurityOptions.ShortestToken and <= Longest
            && text.All(letter => letter is >= ' ' and <= '~')
            && text[0] != ' '
            && text[^1] != ' ';

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not string text || IsToken(text);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"It must have {Form}.";
}
