using System.CommandLine;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Load;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;

namespace SeaGrpc.Cli.Commands;

/// <summary><c>load</c>: calls a server repeatedly and reports how long it took.</summary>
internal static class LoadCommand
{
    private const string Question = "My kettle is leaking, what can you do?";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var prompt = new Argument<string>("PROMPT") { Description = "What the user says.", DefaultValueFactory = _ => Question };
        var concurrency = new Option<int>("--concurrency")
        {
            Description = "Maximum number of calls at once.",
            HelpName = "N",
            DefaultValueFactory = _ => 4,
        };
        var rate = new Option<double?>("--rate")
        {
            Description = "Calls per second, however fast the server is. Default: a call starts when another has ended.",
            HelpName = "R"
        };
        var duration = new Option<double>("--duration")
        {
            Description = "Seconds for which new calls are started.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 10,
        };
        var deadline = new Option<double?>("--deadline")
        {
            Description = "Deadline of every call in seconds. Default: none.",
            HelpName = "SECONDS",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else on standard output." };
        AtLeast(concurrency, value => value is >= 1 and <= 10_000, "--concurrency must be from 1 to 10000.");
        AtLeast(rate, value => value is null or (> 0 and <= 100_000), "--rate must be more than 0, at most 100000.");
        AtLeast(duration, value => value is > 0 and <= 86_400, "--duration must be more than 0 seconds, at most a day.");
        AtLeast(deadline, value => value is null or (> 0 and <= 86_400), "--deadline must be more than 0 seconds, at most a day.");
        var options = new AlignmentOptions();
        var command = new Command(
            "load",
            "Call a server's StreamAlign repeatedly and report how long answers took. Ctrl-C ends early and reports the calls so far.")
        {
            prompt, concurrency, rate, duration, deadline, json,
        };
        options.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            var plan = new LoadPlan(
                parse.GetValue(concurrency),
                parse.GetValue(rate),
                TimeSpan.FromSeconds(parse.GetValue(duration)),
                parse.GetValue(deadline) is { } longest ? TimeSpan.FromSeconds(longest) : null);
            AlignmentArguments arguments = options.Read(parse, parse.GetRequiredValue(prompt));
            await using var sidecar = options.Server(parse) is null ? await EmbeddedSidecar.StartAsync(verbose: false) : null;
            ServerAddress address = options.Server(parse) ?? ServerAddress.Parse(sidecar!.Address)!;
            using var connection = new SidecarConnection(address, options.Token(parse), options.Certificates(parse));
            await connection.InfoAsync();
            using var interrupts = new Interrupts(() => { });
            interrupts.WorkStarts();
            LoadResult result;
            await using (var bars = ProgressBars.Start())
            {
                result = await new LoadRun(connection, plan, arguments.ToSpec, bars).RunAsync(interrupts.Requested);
            }

            await using TextWriter output = StandardOutput.Open();
            await output.WriteLineAsync(parse.GetValue(json) ? LoadText.Json(plan, result) : LoadText.Table(plan, result));
            return result.Final.Count > 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static void AtLeast<T>(Option<T> option, Func<T?, bool> isRight, string otherwise) =>
        option.Validators.Add(result =>
        {
            // What is not a number at all, the parser itself refuses.
            if (!result.Errors.Any() && !isRight(result.GetValueOrDefault<T>()))
            {
                result.AddError(otherwise);
            }
        });
}
