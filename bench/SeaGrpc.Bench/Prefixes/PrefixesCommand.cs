using System.CommandLine;
using SeaGrpc.Alignment;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Prefixes;

/// <summary><c>prefixes</c>: candidates and rewrites, read from what they have in common.</summary>
internal static class PrefixesCommand
{
    private const int QuickRepeats = 1;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> model = BenchOptions.Model("160m");
        var prompt = BenchOptions.Count("--prompt", "Tokens of the prompt.", 512);
        var tail = BenchOptions.Count("--tail", "Tokens that the reward model reads after every response.", 2);
        var beams = BenchOptions.Count("--beams", "Beams.", 4);
        var depth = BenchOptions.Count("--depth", "Tokens of every beam.", 32);
        var candidates = BenchOptions.Count("--candidates", "One-token candidates of every beam.", 16);
        var answer = BenchOptions.Count("--answer", "Tokens of the response that is rewritten.", 128);
        var rewrites = BenchOptions.Count("--rewrites", "Rewrites, each from a random cut on.", 16, least: 2);
        var jobs = BenchOptions.Count("--jobs", "Alignments of one prompt with different seeds; 1 to measure none.", 4);
        var budget = BenchOptions.Count("--budget", "Budget of each of them, in tokens.", 2000);
        var repeats = BenchOptions.Count("--repeats", "Turns.", 5);
        var withMemory = new Option<bool>("--memory") { Description = "Measure the memory of a whole search too." };
        var make = BenchOptions.Make();
        var dtype = BenchOptions.Dtype();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var quick = BenchOptions.Quick("The embedded models' form, one turn.");
        var json = BenchOptions.Json();
        var command = new Command(
            "prefixes",
            "Time in which a reward model reads one-token candidates of several beams, against the matrix products alone; rewrites of "
                + "one response from cuts on, against whole reads; and several alignments of one prompt, together against one by one.")
        {
            model, prompt, tail, beams, depth, candidates, answer, rewrites, jobs, budget, repeats, withMemory, make, dtype, threads, clock,
            quick, json,
        };
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            string name = parse.Value(quick, model, "tiny");
            int turns = parse.Value(quick, repeats, QuickRepeats);
            var setting = new PrefixesSetting(
                parse.GetValue(prompt), parse.GetValue(tail), parse.GetValue(beams), parse.GetValue(depth), parse.GetValue(candidates),
                parse.GetValue(answer), parse.GetValue(rewrites), parse.GetValue(jobs), parse.GetValue(budget));
            using var folder = new ModelFolder(parse.GetValue(make));
            using AlignmentModels models = BenchShapes.Load(
                folder.Make(name, BenchShapes.ByName[name]), new ModelLoadOptions("cpu", parse.GetValue(dtype)));
            ErrorLines.Write($"searches and reads of {name}, {turns} turns");
            SearchMemory? memory = parse.GetValue(withMemory) ? SearchMemory.Measure(models, setting) : null;
            Func<TimeSpan> time = parse.GetValue(clock).Reading();
            JobsFigures[] ofOnePrompt = setting.Jobs == 1
                ? []
                : [.. new[] { false, true }.Select(fromDraft => JobsOfOnePrompt.Measure(models, setting, fromDraft, turns, time))];
            using var bench = new PrefixesBench(models, setting, time);
            PrefixesFigures figures = bench.Measure(turns, memory, ofOnePrompt);
            var settings = new
            {
                Model = name,
                Lengths = setting,
                Dtype = parse.GetValue(dtype).ToString(),
                Threads = ComputeThreads.Count,
                Clock = parse.GetValue(clock).ToString(),
                Repeats = turns,
            };
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(parse.GetValue(json)
                ? BenchJson.Of(settings, figures)
                : string.Join('\n', [
                    BenchJson.MachineLine(),
                    $"settings {name}, {settings.Dtype}, {setting}, {settings.Threads} threads, {settings.Clock} time, medians of {turns}",
                    "",
                    .. Lines(figures),
                ]));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string[] Lines(PrefixesFigures figures) =>
    [
        TextTable.Of(
            ["candidates, of", "s", "times the products", "times the projections"],
            [
                ["beams that are shared", Time(figures.Candidates.Seconds), Times(figures.Candidates.OverProducts),
                    Times(figures.Candidates.OverProjections)],
                ["copies of beams", Time(figures.Candidates.CopiedSeconds), Times(figures.Candidates.CopiedOverProducts), ""],
                [$"products of {figures.Candidates.Positions} positions", Time(figures.Candidates.ProductsSeconds), "", ""],
                ["projections alone", Time(figures.Candidates.ProjectionsSeconds), "", ""],
            ]),
        "",
        TextTable.Of(
            ["rewrites, read", "s", "slower than from cuts"],
            [
                [$"from cuts, {figures.Rewrites.Positions} positions", Time(figures.Rewrites.Seconds), ""],
                ["after the prompt", Time(figures.Rewrites.AfterPromptSeconds), Times(figures.Rewrites.FasterThanAfterPrompt)],
                ["with the prompt, one by one", Time(figures.Rewrites.SeparateSeconds), Times(figures.Rewrites.FasterThanSeparate)],
            ]),
        $"their rewards differ by at most {TextTable.Cell(figures.Rewrites.LargestDifference, "0.0e+0")} of their spread",
        .. figures.Jobs.Count == 0
            ? Array.Empty<string>()
            :
            [
                "",
                TextTable.Of(
                    [
                        "alignments of one prompt", "positions", "read one by one", "read together", "s", "faster keeping",
                        "faster together", "MiB kept",
                    ],
                    [.. figures.Jobs.Select(jobs => (string[])
                    [
                        jobs.FromDraft ? "from a draft and two more" : "from samples", Whole(jobs.Positions), Whole(jobs.ReadAlone),
                        Whole(jobs.ReadTogether), Time(jobs.ApartSeconds), Times(jobs.KeepingFaster), Times(jobs.TogetherFaster),
                        MiB(jobs.KeptBytes),
                    ])]),
            ],
        .. figures.Memory is { } memory
            ? [$"one search holds {MiB(memory.HeldBytes)} MiB above the models; estimated {MiB(memory.EstimatedBytes)}"]
            : Array.Empty<string>(),
    ];

    private static string Whole(long count) => TextTable.Cell(count, "0");

    private static string MiB(long bytes) => TextTable.Cell(bytes >> 20, "0");

    private static string Time(double seconds) => TextTable.Cell(seconds, "0.0000");

    private static string Times(double ratio) => TextTable.Cell(ratio, "0.00");
}
