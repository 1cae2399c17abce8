using System.Globalization;
using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>A place in a formula that moves forward.</summary>
/// <param name="text">The formula.</param>
internal sealed class FormulaCursor(string text)
{
    private int _at;

    /// <summary>Whether nothing is left.</summary>
    public bool AtEnd => _at >= text.Length;

    /// <summary>The character here; a null character at the end.</summary>
    public char Current => AtEnd ? '\0' : text[_at];

    /// <summary>Goes to the next character that is not a space.</summary>
    public void SkipSpace()
    {
        while (!AtEnd && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    /// <summary>Goes past the character here.</summary>
    public char Next() => text[_at++];

    /// <summary>Goes past a token, if it is the next one. A command ends where its letters do.</summary>
    public bool Take(string token)
    {
        SkipSpace();
        bool isThere = string.CompareOrdinal(text, _at, token, 0, token.Length) == 0
            && !(token.Length > 1 && _at + token.Length < text.Length && char.IsAsciiLetter(text[_at + token.Length]));
        _at += isThere ? token.Length : 0;
        return isThere;
    }

    /// <summary>Goes past a pattern that starts with \G, if it matches here.</summary>
    /// <returns>Null where it does not.</returns>
    public Match? Take(Regex pattern)
    {
        Match match = pattern.Match(text, _at);
        _at += match.Length;
        return match.Success ? match : null;
    }

    /// <summary>Whether a pattern that starts with \G matches here.</summary>
    public bool IsAt(Regex pattern) => pattern.IsMatch(text, _at);

    /// <summary>A command's name here; empty if there is none.</summary>
    public string CommandName() => FormulaPatterns.Command().Match(text, _at).Groups[1].Value;

    /// <summary>What stands here is not part of a formula.</summary>
    public FormatException Unexpected() => new(string.Create(CultureInfo.InvariantCulture, $"Not a formula at {_at}: {text}"));
}
