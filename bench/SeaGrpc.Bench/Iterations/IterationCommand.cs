using System.CommandLine;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Iterations;

/// <summary><c>iteration</c>: one SEA iteration of ours against the plain version on the same libtorch.</summary>
internal static class IterationCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shapes = BenchOptions.Shapes(["tiny", "160m", "1b-slice"]);
        var prompts = BenchOptions.Counts("--prompts", "Lengths of the prompt in tokens.", [32, 512]);
        var positions = BenchOptions.Counts("--positions", "Positions of every response.", [64], least: 2);
        var dtypes = new Option<ModelDtype[]>("--dtype")
        {
            Description = "Formats of weights and activations.",
            DefaultValueFactory = _ => [ModelDtype.Float32],
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        dtypes.AcceptOnlyFromAmong("float32", "bfloat16");
        var methods = MethodOption.CreateSeveral(
            ["sea[preset=paper]", "sea[preset=langevin]"],
            "SEA by Langevin dynamics, with smoothing noise or without (the gradient's passes give the exact energies too)",
            BenchOptions.ThrowIfNotLangevin
        );
        var repeats = BenchOptions.Count("--repeats", "Iterations of each side; more if they take less than a second.", 3);
        var noMemory = new Option<bool>("--no-memory")
        {
            Description = "Only times: skip the separate processes that measure memory.",
        };
        var make = BenchOptions.Make();
        var device = BenchOptions.Device();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var quick = BenchOptions.Quick("The tiny shape alone, in seconds.");
        var json = BenchOptions.Json();
        var command = new Command(
            "iteration",
            "One Langevin iteration of SEA against the plain version on the same models (dense one-hot tokens, prompt and response through "
                + "both models, autograd through the vocabulary, weights that ask for gradients): time, peak memory, and share of the "
                + "machine's matrix-product peak."
        )
        {
            shapes,
            prompts,
            positions,
            dtypes,
            methods,
            repeats,
            noMemory,
            make,
            device,
            threads,
            clock,
            quick,
            json,
        };
        command.SetAction(parse =>
        {
            string[] names =
                parse.GetValue(quick) && parse.GetResult(shapes) is null or { Implicit: true }
                    ? ["tiny"]
                    : [.. parse.GetRequiredValue(shapes).Distinct()];
            var processes = new CaseProcess(
                parse.GetRequiredValue(device),
                parse.GetValue(threads),
                parse.GetValue(clock),
                parse.GetValue(repeats)
            );
            List<CaseFigures> cases = [];
            using var folder = new ModelFolder(parse.GetValue(make));
            foreach (string name in names)
            {
                string models = folder.Make(name, BenchShapes.ByName[name]);
                foreach (
                    IterationCase measured in Cases(
                        name,
                        parse.GetRequiredValue(dtypes),
                        parse.GetRequiredValue(methods),
                        parse.GetRequiredValue(prompts),
                        parse.GetRequiredValue(positions)
                    )
                )
                {
                    ErrorLines.Write(
                        $"{measured.Shape}, {measured.Dtype}, {measured.Method}, "
                            + $"prompt of {measured.PromptTokens}, {measured.Positions} positions"
                    );
                    bool memory = !parse.GetValue(noMemory);
                    cases.Add(
                        new CaseFigures(
                            measured,
                            processes.Times(models, measured),
                            memory ? processes.Memory(models, measured, "ours") : null,
                            memory ? processes.Memory(models, measured, "plain") : null
                        )
                    );
                }

                folder.Release(name);
            }

            using TextWriter output = StandardOutput.Open();
            output.WriteLine(
                parse.GetValue(json)
                    ? BenchJson.Of(
                        new
                        {
                            Threads = parse.GetValue(threads),
                            Clock = parse.GetValue(clock).ToString(),
                            Repeats = parse.GetValue(repeats),
                            Device = parse.GetRequiredValue(device),
                        },
                        cases
                    )
                    : IterationReport.Of(cases, parse.GetValue(threads), parse.GetValue(clock))
            );
            return ExitCodes.Success;
        });
        return command;
    }

    private static IEnumerable<IterationCase> Cases(
        string shape,
        ModelDtype[] dtypes,
        MethodText[] methods,
        int[] prompts,
        int[] positions
    ) =>
        from dtype in dtypes
        from method in methods
        from prompt in prompts
        from position in positions
        select new IterationCase(shape, dtype, prompt, position, method.ToString());
}
