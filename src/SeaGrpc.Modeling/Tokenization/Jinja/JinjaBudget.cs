namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>What one rendering may spend. A template comes with a model and is not trusted to end.</summary>
internal sealed class JinjaBudget
{
    /// <summary>Most steps: evaluated parts, list items touched, and 64 characters of text touched.</summary>
    internal const long MaxSteps = 1_000_000;

    /// <summary>Most characters of the output, and of any text on the way to it.</summary>
    internal const int MaxCharacters = 4 * 1024 * 1024;

    /// <summary>Deepest nesting of a template's parts, of macro calls and of values.</summary>
    internal const int MaxDepth = 200;

    /// <summary>Longest template.</summary>
    internal const int MaxSource = 1024 * 1024;

    /// <summary>Most digits of a whole number that is read from text, as in Python.</summary>
    internal const int MaxDigits = 4300;

    private const int CharactersPerStep = 64;
    private const int ComparisonsPerStep = 4096;

    private long _steps;
    private int _depth;

    /// <summary>Takes some steps.</summary>
    internal void Spend(long steps = 1)
    {
        _steps += steps;
        if (_steps > MaxSteps)
        {
            throw new ChatTemplateException($"The chat template takes more than {MaxSteps} steps.");
        }
    }

    /// <summary>Takes the steps for reading or making a value.</summary>
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

    /// <summary>Takes the steps for looking for one text in another, which may compare each character of both.</summary>
    internal void Search(string text, string part)
    {
        Touch(text);
        Spend((long)text.Length * part.Length / ComparisonsPerStep);
    }

    /// <summary>Checks a text's length before it is made.</summary>
    internal static void CheckLength(long characters)
    {
        if (characters > MaxCharacters)
        {
            throw new ChatTemplateException($"The chat template produces a text of more than {MaxCharacters} characters.");
        }
    }

    /// <summary>Goes one level deeper; <see cref="Leave"/> comes back.</summary>
    internal void Enter()
    {
        Spend();
        if (++_depth > MaxDepth)
        {
            throw new ChatTemplateException($"The chat template nests deeper than {MaxDepth} levels.");
        }
    }

    /// <summary>Comes back from one level.</summary>
    internal void Leave() => _depth--;
}
