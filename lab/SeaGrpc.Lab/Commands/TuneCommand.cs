using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Embedded.Tuning;

namespace SeaGrpc.Lab.Commands;

/// <summary><c>tune</c>: chooses every method's settings on the tuning split of the embedded worlds, and records them.</summary>
internal static class TuneCommand
{
    private const int Prompts = 64;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var options = new EmbeddedOptions($"{Prompts}; at least {Tuner.LeastPrompts}", seedsByDefault: "1")
        {
            Quick = new Option<bool>("--quick") { Description = "Only the main methods and each world's weakest policy." },
        };
        var command = new Command(
            "tune", "Choose every method's settings on the embedded worlds' tuning prompts, and record them for eval.");
        foreach (Option option in options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) => RunAsync(options, parsed));
        return command;
    }

    private static Task<int> RunAsync(EmbeddedOptions options, ParseResult parsed)
    {
        (IReadOnlyList<WorldPair> worlds, IReadOnlyList<MethodEntry> methods) = options.Named(parsed);
        EvaluationSettings settings = options.Settings(parsed, Prompts, seedsIfAbsent: 1);
        if (settings.Prompts < Tuner.LeastPrompts)
        {
            throw new CliException(
                $"tune needs at least {Tuner.LeastPrompts} prompts; with {settings.Prompts} the choice is random.", ExitCodes.Usage);
        }

        return Task.Run(() => EvaluationScreen.Show(
            (progress, cancellation) => Tune(worlds, methods, settings, progress, cancellation)));
    }

    private static string Tune(
        IReadOnlyList<WorldPair> worlds, IReadOnlyList<MethodEntry> methods, EvaluationSettings settings,
        IProgress<EvaluationProgress> progress, CancellationToken cancellation)
    {
        var text = new StringWriter();
        foreach (WorldPair pair in worlds)
        {
            TuningRecord record = Tuner.Run(pair, methods, settings, progress, cancellation);
            text.WriteLine(TuningFiles.PathOf(settings.Tuned!, pair.Name));
            foreach (TunedMethod method in record.Methods)
            {
                text.WriteLine($"  {method.Name}: {method.Chosen}");
            }
        }

        return text.ToString();
    }
}
