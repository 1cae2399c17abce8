using System.CommandLine;
using System.CommandLine.Parsing;
using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Cli.Runs;

/// <summary>The option <c>--method</c>: what runs, with its parameters in brackets.</summary>
internal static class MethodOption
{
    /// <summary>How a method is written, for help texts.</summary>
    public const string Spelling = "METHOD[KEY=VALUE,…]";

    private static readonly string Names = string.Join(", ", MethodSchema.All.Select(method => method.Name));

    /// <summary>The option <c>--method</c>.</summary>
    /// <param name="standard">What runs where it is not given; null is what a server runs where a request names no method.</param>
    /// <param name="description">What the method is for.</param>
    /// <param name="check">Throws an <see cref="ArgumentException"/> where a method is none that the command can run.</param>
    public static Option<MethodText> Create(string? standard = null, string description = "What runs", Action<MethodText>? check = null) =>
        new("--method")
        {
            Description = Describe(description),
            HelpName = Spelling,
            DefaultValueFactory = _ => MethodText.Parse(standard ?? MethodSchema.Default.Name),
            CustomParser = result => Parse(result, result.Tokens[0].Value, check),
        };

    /// <summary>The option <c>--methods</c>: several of them.</summary>
    /// <param name="standard">What runs where it is not given.</param>
    /// <param name="description">What the methods are for.</param>
    /// <param name="check">Throws an <see cref="ArgumentException"/> where a method is none that the command can run.</param>
    public static Option<MethodText[]> CreateSeveral(string[] standard, string description, Action<MethodText>? check = null) =>
        new("--methods")
        {
            Description = Describe(description),
            HelpName = Spelling,
            DefaultValueFactory = _ => [.. standard.Select(MethodText.Parse)],
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token.Value, check)).OfType<MethodText>()],
        };

    private static string Describe(string description) =>
        $"{description}: one of {Names}, with parameters in brackets, as \"sea[preset=paper,chains=2]\". "
            + "docs/contract.md lists every method's.";

    private static MethodText? Parse(ArgumentResult result, string text, Action<MethodText>? check)
    {
        try
        {
            MethodText method = MethodText.Parse(text);
            method.ThrowIfWithoutEffect();
            check?.Invoke(method);
            return method;
        }
        catch (ArgumentException error)
        {
            result.AddError($"'{text}' cannot run: {error.Message}");
            return null;
        }
    }
}
