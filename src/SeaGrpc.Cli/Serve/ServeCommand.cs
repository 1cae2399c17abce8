using System.CommandLine;
using SeaGrpc.Cli.Hub;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Server;

namespace SeaGrpc.Cli.Serve;

/// <summary><c>serve</c>: the sidecar with models of this machine, and how to try it.</summary>
internal static class ServeCommand
{
    private const string GrpcKey = "SeaGrpc:Transport:Grpc";
    private const string HttpKey = "SeaGrpc:Transport:Http";
    private const string OpenAiKey = "SeaGrpc:OpenAi:Address";
    private const string Token = "SeaGrpc:Security:AuthToken";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var policy = new Argument<string?>("MODEL")
        {
            Description = "The policy: a Hugging Face folder, or ORG/NAME in this machine's Hub cache (see 'pull'). Default: the tiny "
                + "embedded pair.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var reward = new Option<string?>("--reward")
        {
            Description = "The reward model, in the same two forms.",
            HelpName = "MODEL",
        };
        var port = Port("--port", "Port of gRPC on the loopback interface; 0 is any free one.", 50051);
        var httpPort = Port("--http-port", "Port of health checks on the loopback interface; 0 is any free one.", 8080);
        var openAiPort = new Option<int?>("--openai-port")
        {
            Description = "Port of OpenAI's HTTP API on the loopback interface; 0 is any free one. Default: the API is not served.",
            HelpName = "N",
        };
        CheckPort(openAiPort);
        var device = new Option<string>("--device")
        {
            Description = "cpu, cuda, cuda:N, or auto.",
            DefaultValueFactory = _ => "auto",
        };
        var dtype = new Option<ModelDtype>("--dtype")
        {
            Description = "Format of the weights; Auto takes what is fastest here and fits into the memory.",
            DefaultValueFactory = _ => ModelDtype.Auto,
        };
        var verbose = new Option<bool>("--verbose") { Description = "Show the server's whole log on standard error, not only warnings." };
        var command = new Command(
            "serve",
            "Serve models of this machine until Ctrl-C, which ends running calls with their best answers so far. Every setting of the "
                + "server may follow, as --SeaGrpc:SECTION:NAME=VALUE.")
        {
            policy, reward, port, httpPort, openAiPort, device, dtype, verbose,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parse, _) =>
        {
            // A setting in the place of the model is the parser's model.
            string? first = parse.GetValue(policy);
            bool isSetting = first?.StartsWith("--", StringComparison.Ordinal) ?? false;
            string[] given = [.. isSetting ? [first!] : Array.Empty<string>(), .. parse.UnmatchedTokens];
            ThrowIfNoSettings(given);
            ModelFolder? main = first is null || isSetting ? null : ModelFolder.Find(first);
            ModelFolder? judge = parse.GetValue(reward) is { } judgeText ? ModelFolder.Find(judgeText) : null;
            string place = parse.GetRequiredValue(device);
            ServePlan plan = ServePlan.Of(main, judge, parse.GetValue(dtype), ModelMemory.OfHost(place));
            foreach (string note in plan.Notes)
            {
                await Console.Error.WriteLineAsync(MarkedText.Printable(note));
            }

            string[] settings =
            [
                Written(GrpcKey, $"http://127.0.0.1:{parse.GetValue(port)}"),
                Written(HttpKey, $"http://127.0.0.1:{parse.GetValue(httpPort)}"),
                .. parse.GetValue(openAiPort) is { } api ? [Written(OpenAiKey, $"http://127.0.0.1:{api}")] : Array.Empty<string>(),
                Written("SeaGrpc:Models:Device", place),
                "--Logging:Console:LogToStandardErrorThreshold=Trace",
                $"--Logging:LogLevel:Default={(parse.GetValue(verbose) ? "Information" : "Warning")}",
                .. plan.Settings.Select(setting => Written(setting.Key, setting.Value)),
                .. given,
            ];
            bool needsToken = given.Any(setting => setting.StartsWith($"--{Token}", StringComparison.OrdinalIgnoreCase))
                || Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.Replace("__", ":", StringComparison.Ordinal)
                    .StartsWith(Token, StringComparison.OrdinalIgnoreCase));
            await using var bars = ProgressBars.Start(isQuiet: parse.GetValue(verbose));
            var watch = new StartWatch(
                new LoadingProgress(bars),
                async start =>
                {
                    await bars.EndAsync();
                    await Console.Out.WriteAsync(Told(start, needsToken));
                },
                new StageBars(bars));
            return await SeaServer.ServeAsync(settings, watch);
        });
        return command;
    }

    private static string Told(ServerStart start, bool needsToken) => $"""
        {MarkedText.Printable(start.Description)}

        Try it:
          {string.Join("\n  ", TryLines.Of(start, needsToken))}

        Ctrl-C ends it.

        """.ReplaceLineEndings("\n");

    private static string Written(string key, string value) => $"--{key}={value}";

    private static void ThrowIfNoSettings(string[] given)
    {
        if (given.FirstOrDefault(token => !token.StartsWith("--SeaGrpc:", StringComparison.OrdinalIgnoreCase)
            && !token.StartsWith("--Logging:", StringComparison.OrdinalIgnoreCase)) is { } other)
        {
            throw new CliException(
                $"'{other}' is no option of serve, and no setting of the form --SeaGrpc:SECTION:NAME=VALUE. See serve --help.",
                ExitCodes.Usage);
        }
    }

    private static Option<int> Port(string name, string description, int absent)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => absent };
        CheckPort(option);
        return option;
    }

    private static void CheckPort(Option option) => option.Validators.Add(result =>
    {
        // What is not a number at all has its own message.
        if (result.Tokens is [var token] && int.TryParse(token.Value, out int value) && value is < 0 or > 65535)
        {
            result.AddError($"{option.Name} must be from 0 to 65535.");
        }
    });
}
