using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using SeaGrpc.Alignment.SelfCheck;
using SeaGrpc.Cli.Bench;
using SeaGrpc.Cli.Calibration;
using SeaGrpc.Cli.Evaluation;
using SeaGrpc.Cli.Inspection;
using SeaGrpc.Cli.Load;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Replay;
using SeaGrpc.Cli.Tokenize;
using SeaGrpc.Cli.Train;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.SelfCheck;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server;

namespace SeaGrpc.Cli.Commands;

/// <summary>The whole command line.</summary>
internal static partial class SeaGrpcCommand
{
    /// <summary>The parser's names for numbers, which say nothing to a user.</summary>
    [GeneratedRegex(@"expected type 'System\.(Nullable`1\[System\.)?(U?Int[0-9]+|Double|Single)\]?'")]
    private static partial Regex ExpectedType { get; }

    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [SelfCheckProcess.Argument])
        {
            return LibTorchSelfCheck.Run(Console.Out);
        }

        // A prompt may start with '@': no response files. Signals are each command's own.
        var parse = Create().Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is ParseErrorAction)
        {
            foreach (var error in parse.Errors)
            {
                await Console.Error.WriteLineAsync(ExpectedType.Replace(error.Message, match => match.Value.Contains("Int", StringComparison.Ordinal) ? "a whole number" : "a number"));
            }

            await Console.Error.WriteLineAsync("--help lists what there is.");
            return ExitCodes.Usage;
        }

        try
        {
            if (parse.Action is not (HelpAction or VersionAction))
            {
                LibTorch.EnsureLoaded();
            }

            return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
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

    private static RootCommand Create()
    {
        RootCommand root = CreateCommands();
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        return root;
    }

    private static RootCommand CreateCommands() => new("Aligns a language model's answers with a reward model while they are made.")
    {
        // Run by RunAsync, alone on the command line; here for the help.
        new Option<bool>(SelfCheckProcess.Argument) { Description = "Compute with this machine's libtorch what is known, and say whether it is right." },
        DemoCommand.Create(),
        AlignCommand.Create(),
        TrainCommand.Create(),
        EvalCommand.Create(),
        CalibrateCommand.Create(),
        InspectCommand.Create(),
        BenchCommand.Create(),
        TokenizeCommand.Create(),
        LoadCommand.Create(),
        ReplayCommand.Create(),
    };

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
