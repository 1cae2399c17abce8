using System.Globalization;
using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>A place in a formula that moves forward.</summary>
/// <param name="text">The formula.</param>
internal sealed class FormulaCursor(string text)
{
    private int at;

    /// <summary>Whether nothing is left.</summary>
    public bool AtEnd => at >= text.Length;

    /// <summary>The character here; a null character at the end.</summary>
    public char Current => AtEnd ? '\0' : text[at];

    /// <summary>Goes to the next character that is no space.</summary>
    public void SkipSpace()
    {
        while (!AtEnd && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    /// <summary>Goes past the character here.</summary>
    public char Next() => text[at++];

    /// <summary>Goes past a token, if it is the next one. A command ends where its letters do.</summary>
    public bool Take(string token)
    {
        SkipSpace();
        bool isThere = string.CompareOrdinal(text, at, token, 0, token.Length) == 0
            && !(token.Length > 1 && at + token.Length < text.Length && char.IsAsciiLetter(text[at + token.Length]));
        at += isThere ? token.Length : 0;
        return isThere;
    }

    /// <summary>Goes past a pattern that starts with \G, if it matches here.</summary>
    /// <returns>Null where it does not.</returns>
    public Match? Take(Regex pattern)
    {
        Match match = pattern.Match(text, at);
        at += match.Length;
        return match.Success ? match : null;
    }

    /// <summary>Whether a pattern that starts with \G matches here.</summary>
    public bool IsAt(Regex pattern) => pattern.IsMatch(text, at);

    /// <summary>A command's name here; empty where there is none.</summary>
    public string CommandName() => FormulaPatterns.Command().Match(text, at).Groups[1].Value;

    /// <summary>What stands here is no part of a formula.</summary>
    public FormatException Unexpected() => new(string.Create(CultureInfo.InvariantCulture, $"Not a formula at {at}: {text}"));
}
