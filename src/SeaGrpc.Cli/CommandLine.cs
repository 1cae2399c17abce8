using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using SeaGrpc.Alignment.SelfCheck;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.SelfCheck;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server;

namespace SeaGrpc.Cli;

/// <summary>Runs a command line: parses it, prints errors as plain messages, and ends with one of <see cref="ExitCodes"/>.</summary>
/// <remarks>The programs of the repository share it, so that all know --self-check and --version, and end alike.</remarks>
internal static partial class CommandLine
{
    /// <summary>The parser's names for numbers, which say nothing to a user.</summary>
    [GeneratedRegex(@"expected type 'System\.(Nullable`1\[System\.)?(U?Int[0-9]+|Double|Single)\]?'")]
    private static partial Regex ExpectedType { get; }

    /// <summary>Runs it.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="args">What the process was given.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        if (args is [SelfCheckProcess.Argument])
        {
            return LibTorchSelfCheck.Run(Console.Out);
        }

        // A prompt may start with '@': no response files. Signals are each command's own.
        var parse = WithCommonOptions(root)
            .Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is ParseErrorAction)
        {
            foreach (var error in parse.Errors)
            {
                await Console.Error.WriteLineAsync(
                    ExpectedType.Replace(error.Message, match =>
                        match.Value.Contains("Int", StringComparison.Ordinal) ? "a whole number" : "a number"
                    )
                );
            }

            await Console.Error.WriteLineAsync("See --help.");
            return ExitCodes.Usage;
        }

        try
        {
            if (parse.Action is not (HelpAction or VersionAction) && Computes(parse))
            {
                // An installed libtorch is checked first, which takes seconds.
                using ProgressBars bars = ProgressBars.Start();
                bars.Report(new WorkProgress("checking libtorch"));
                LibTorch.EnsureLoaded();
            }

            return await parse.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
            );
        }
        catch (CliException error)
        {
            await Console.Error.WriteLineAsync(MarkedText.Printable(error.Message));
            return error.ExitCode;
        }
        catch (Exception error) when (error is LibTorchException or TokenizationException)
        {
            await Console.Error.WriteLineAsync(MarkedText.Printable(error.Message));
            return ExitCodes.Failure;
        }
        catch (IOException error) when (StandardOutput.IsClosed(error))
        {
            return ExitCodes.Success;
        }
        catch (IOException error)
        {
            await Console.Error.WriteLineAsync(MarkedText.Printable(error.Message));
            return ExitCodes.Failure;
        }
    }

    /// <summary>Whether a command computes in this process: not if it only calls a server elsewhere, or nothing at all.</summary>
    private static bool Computes(ParseResult parse) =>
        parse.CommandResult.Command is not CommandWithoutModels
        && !parse.CommandResult.Command.Options.Any(option =>
            option.Name == ServerOptions.Name && parse.GetResult(option) is { Implicit: false });

    private static RootCommand WithCommonOptions(RootCommand root)
    {
        // Run by RunAsync, alone on the command line; here for the help.
        root.Options.Insert(
            0,
            new Option<bool>(SelfCheckProcess.Argument)
            {
                Description = "Compute known results with this machine's libtorch and compare them.",
            }
        );
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        return root;
    }

    /// <summary>Prints the version as the server tells its own.</summary>
    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(SeaServer.Version);
            return ExitCodes.Success;
        }
    }
}
