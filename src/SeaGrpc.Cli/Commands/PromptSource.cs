using System.Text;

namespace SeaGrpc.Cli.Commands;

/// <summary>Where a prompt comes from.</summary>
internal static class PromptSource
{
    /// <summary>The prompt as given, or standard input where it is <c>-</c>.</summary>
    /// <exception cref="CliException">It is empty, or standard input is not UTF-8.</exception>
    public static async Task<string> ReadAsync(string argument)
    {
        var prompt = argument == "-" ? await ReadStandardInputAsync() : argument;
        return string.IsNullOrWhiteSpace(prompt)
            ? throw new CliException("The prompt is empty. Write it as one argument, or - to read it from standard input.", ExitCodes.Usage)
            : prompt;
    }

    private static async Task<string> ReadStandardInputAsync()
    {
        var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        using var reader = new StreamReader(Console.OpenStandardInput(), strict);
        try
        {
            return (await reader.ReadToEndAsync()).TrimEnd('\r', '\n');
        }
        catch (DecoderFallbackException error)
        {
            throw new CliException("The prompt on standard input is not UTF-8.", ExitCodes.Usage, error);
        }
    }
}
