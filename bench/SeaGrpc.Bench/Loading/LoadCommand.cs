using System.CommandLine;
using SeaGrpc.Alignment;
using SeaGrpc.Bench.Synthetic;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Bench.Loading;

/// <summary><c>load</c>: loading, first token, one iteration and memory of models in the shape of Llama-3.2-1B.</summary>
internal static class LoadCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var make = BenchOptions.Make();
        var small = new Option<bool>("--small")
        {
            Description = "Models of 3 million weights instead of 1.2 billion: shows that everything runs.",
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "Seed of the random weights.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var dtype = new Option<ModelDtype>("--dtype")
        {
            Description = "Format that the weights are served in.",
            DefaultValueFactory = _ => ModelDtype.Auto,
        };
        var device = BenchOptions.Device();
        var method = BenchOptions.Langevin("sea[preset=langevin,iterations=1]");
        var tokens = new Option<int>("--tokens")
        {
            Description = "Tokens of its responses.",
            HelpName = "N",
            DefaultValueFactory = _ => 32,
        };
        var threads = new Option<int>("--threads") { Description = "Threads of a tensor operation; 0 is one per core.", HelpName = "N" };
        var json = BenchOptions.Json();
        var command = new Command(
            "load",
            "Create models with random weights in the shape of Llama-3.2-1B; measure loading, first token, an SEA iteration, and memory.")
        {
            make, small, seed, dtype, device, method, tokens, threads, json,
        };
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            var progress = new LoadProgress();
            string folder = parse.GetValue(make)?.FullName ?? Directory.CreateTempSubdirectory("seagrpc-bench-").FullName;
            try
            {
                if (!File.Exists(Path.Combine(folder, "reward", SyntheticCheckpoint.LastFile)))
                {
                    progress.Report($"making the models in {folder}");
                    SyntheticCheckpoint.Write(
                        folder,
                        parse.GetValue(small) ? SyntheticShape.Small : SyntheticShape.Llama1B,
                        Path.Combine(AppContext.BaseDirectory, "models", "tiny-policy"),
                        parse.GetValue(seed));
                }

                LoadFigures figures = new LoadBench(
                    folder,
                    new ModelLoadOptions(parse.GetRequiredValue(device), parse.GetValue(dtype)),
                    BenchOptions.Parameters(parse.GetRequiredValue(method)),
                    parse.GetValue(tokens),
                    progress).Measure();
                using TextWriter output = StandardOutput.Open();
                output.WriteLine(parse.GetValue(json) ? LoadReport.Json(figures) : LoadReport.Text(figures));
                return ExitCodes.Success;
            }
            catch (Exception error) when (error
                is CheckpointException or VocabularyMismatchException or ArgumentException or UnauthorizedAccessException)
            {
                throw new CliException(error.Message, ExitCodes.Failure, error);
            }
            finally
            {
                if (parse.GetValue(make) is null)
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        });
        return command;
    }

    private sealed class LoadProgress : IProgress<string>
    {
        public void Report(string value) => ErrorLines.Write(value);
    }
}
