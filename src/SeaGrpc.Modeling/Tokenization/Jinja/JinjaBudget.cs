namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Limits of one rendering. A template comes with a model, and is not trusted to terminate.</summary>
internal sealed class JinjaBudget
{
    /// <summary>Maximum number of steps: evaluated parts, list items touched, and units of 64 characters touched.</summary>
    internal const long MaxSteps = 1_000_000;

    /// <summary>Maximum characters of the output and of any intermediate text.</summary>
    internal const int MaxCharacters = 4 * 1024 * 1024;

    /// <summary>Maximum nesting depth of a template's parts, of macro calls and of values.</summary>
    internal const int MaxDepth = 200;

    /// <summary>Maximum length of a template.</summary>
    internal const int MaxSource = 1024 * 1024;

    /// <summary>Maximum digits of an integer that is parsed from text, as in Python.</summary>
    internal const int MaxDigits = 4300;

    private const int CharactersPerStep = 64;
    private const int ComparisonsPerStep = 4096;

    private long _steps;
    private int _depth;

    /// <summary>Spends some steps.</summary>
    internal void Spend(long steps = 1)
    {
        _steps += steps;
        if (_steps > MaxSteps)
        {
            throw new ChatTemplateException($"The chat template takes more than {MaxSteps} steps.");
        }
    }

    /// <summary>Spends the steps for reading or creating a value.</summary>
    internal T Touch<T>(T value)
    {
        if (value is string text)
        {
            CheckLength(text.Length);
            Spend(text.Length / CharactersPerStep);
        }
        else if (value is System.Collections.ICollection items)
        {
            Spend(items.Count);
        }
        else if (value is JinjaMap map)
        {
            Spend(map.Count);
        }

        return value;
    }

    /// <summary>Spends the steps for searching for one text in another, which may compare every character of both.</summary>
    internal void Search(string text, string part)
    {
        Touch(text);
        Spend((long)text.Length * part.Length / ComparisonsPerStep);
    }

    /// <summary>Checks the length of a text before it is created.</summary>
    internal static void CheckLength(long characters)
    {
        if (characters > MaxCharacters)
        {
            throw new ChatTemplateException($"The chat template produces a text of more than {MaxCharacters} characters.");
        }
    }

    /// <summary>Enters one nesting level. <see cref="Leave"/> leaves it.</summary>
    internal void Enter()
    {
        Spend();
        if (++_depth > MaxDepth)
        {
            throw new ChatTemplateException($"The chat template nests deeper than {MaxDepth} levels.");
        }
    }

    /// <summary>Leaves one nesting level.</summary>
    internal void Leave() => _depth--;
}
