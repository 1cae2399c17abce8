using System.Globalization;

namespace SeaGrpc.Cli.Inspection;

/// <summary>What the memory estimate is for.</summary>
/// <param name="Prompt">Tokens of the prompt.</param>
/// <param name="Response">Tokens of the response.</param>
internal readonly record struct ServingLengths(int Prompt, int Response)
{
    /// <summary>512 and 128, or three quarters and one of the positions where there are fewer.</summary>
    public static ServingLengths Within(int positions) => new(Math.Min(512, positions * 3 / 4), Math.Min(128, positions / 4));

    /// <summary>Reads PROMPT,RESPONSE; null if the text is not two whole numbers above 0.</summary>
    public static ServingLengths? Parse(string text) => text.Split(',') is [var prompt, var response]
        && int.TryParse(prompt, NumberStyles.None, CultureInfo.InvariantCulture, out int first) && first >= 1
        && int.TryParse(response, NumberStyles.None, CultureInfo.InvariantCulture, out int second) && second >= 1
            ? new ServingLengths(first, second)
            : null;
}
