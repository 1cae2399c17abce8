using Microsoft.Extensions.Configuration;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Settings;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests;

/// <summary>What the configuration may say: docs/configuration.md.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData(
        "SeaGrpc:Model:Policy=x", "SeaGrpc:Model:Policy (command line): there is no such setting; did you mean SeaGrpc:Models:Policy?")]
    [InlineData("SeaGrpc:Models:Polcy=x", "did you mean SeaGrpc:Models:Policy?")]
    [InlineData("SeaGrpc:Limits:MaxConcurrentJobs=1", "did you mean SeaGrpc:Engine:MaxConcurrentJobs?")]
    [InlineData("SeaGrpc:Models:Rewards:helpful:Foldr=x", "did you mean SeaGrpc:Models:Rewards:helpful:Folder?")]
    [InlineData("SeaGrpc:Models:Rewards:helpful:Folder:Path=x", "SeaGrpc:Models:Rewards:helpful:Folder takes a single value")]
    [InlineData("SeaGrpc:Models:Policy:Folder=x", "SeaGrpc:Models:Policy takes a single value and no settings below it")]
    [InlineData("SeaGrpc:Models:Rewards:helpful=x", "SeaGrpc:Models:Rewards:helpful:Folder")]
    [InlineData("SeaGrpc:Models:Rewards=x", "SeaGrpc:Models:Rewards:NAME:Folder")]
    [InlineData("SeaGrpc:Models:Rewards:help ful:Folder=x", "letters, digits")]
    [InlineData("SeaGrpc:Models:Rewards:helpful:Share=1", "SeaGrpc:Models:Rewards:helpful:Folder")]
    [InlineData("SeaGrpc:Models:Rewards:judge:Endpoint=here:80", "It must be http://HOST:PORT")]
    [InlineData("SeaGrpc:Models:Rewards:judge:Endpoint=http://me:secret@here", "It must be http://HOST:PORT")]
    [InlineData("SeaGrpc:Models:Rewards:judge:Endpoint=http://here:80/v1", "A gRPC service has no path")]
    [InlineData("SeaGrpc:Models:Rewards:judge:Kind=vllm", "'vllm' is not one of Grpc, Tei, VllmClassify, VllmPooling.")]
    [InlineData("SeaGrpc:Models:Rewards:judge:Attempts=6", "SeaGrpc:Models:Rewards:judge:Attempts")]
    [InlineData("SeaGrpc:Models=x", "SeaGrpc:Models (command line): it has a value of its own, but only settings below it take values")]
    [InlineData("SeaGrpc:Policy=x", "did you mean SeaGrpc:Models:Policy?")]
    [InlineData("SeaGrpc:Limits:MaxChains=abc", "SeaGrpc:Limits:MaxChains (command line): 'abc' is not a whole number from 1 to 4096.")]
    [InlineData("SeaGrpc:Limits:MaxChains=99999999999", "'99999999999' is not a whole number from 1 to 4096.")]
    [InlineData("SeaGrpc:Limits:MaxChains=0", "It is '0'.")]
    [InlineData("SeaGrpc:Limits:MaxChains=", "it is empty: give a whole number from 1 to 4096, or omit the setting.")]
    [InlineData("SeaGrpc:Engine:QueueTimeout=1x", "'1x' is not a time as hours:minutes:seconds from 00:00:00.001 to 01:00:00.")]
    [InlineData("SeaGrpc:Engine:QueueTimeout=30", "'30' is not a time as hours:minutes:seconds")]
    [InlineData("SeaGrpc:Models:Dtype=Float16", "'Float16' is not one of Auto, Float32, BFloat16.")]
    [InlineData("SeaGrpc:Models:Dtype=1", "'1' is not one of Auto, Float32, BFloat16.")]
    [InlineData("SeaGrpc:Models:RewardLabel=a - b - c", "'LABEL - LABEL'")]
    [InlineData("SeaGrpc:Models:RewardMean=much", "'much' is not a number from")]
    [InlineData("SeaGrpc:Models:RewardMean=NaN", "'NaN' is not a number from")]
    [InlineData("SeaGrpc:Models:Policy=", "SeaGrpc:Models:Policy (command line): it is empty")]
    [InlineData("SeaGrpc:Models:Policy=  ", "it consists of blanks")]
    [InlineData("SeaGrpc:Models:Policy= /models/policy", "it begins or ends with a blank")]
    [InlineData("SeaGrpc:Models:RewardDevice=", "SeaGrpc:Models:RewardDevice (command line): it is empty")]
    [InlineData("SeaGrpc:Transport:Grpc=unix:/tmp/\u001b[31m.sock", "control character")]
    [InlineData("SeaGrpc:Telemetry:Metrics=yes", "'yes' is not true or false.")]
    [InlineData("SeaGrpc:Telemetry:TracesEndpoint=collector:4317", "It must be http://HOST:PORT or https://HOST:PORT")]
    [InlineData("SeaGrpc:Telemetry:TracesProtocol=Json", "'Json' is not one of Grpc, HttpProtobuf.")]
    [InlineData("SeaGrpc:Telemetry:TracesRatio=2", "SeaGrpc:Telemetry:TracesRatio")]
    [InlineData("SeaGrpc:Telemetry:TraceEndpoint=x", "did you mean SeaGrpc:Telemetry:TracesEndpoint?")]
    [InlineData("Logging:Console:FormatterName=xml", "'xml' is not one of Simple, Json, Systemd.")]
    [InlineData("Logging:LogLevel:Default=Loud", "'Loud' is not one of Trace, Debug,")]
    [InlineData("Logging:Console:LogLevel:Default=Loud", "'Loud' is not one of Trace, Debug,")]
    [InlineData("Logging:LogLevl:Default=Debug", "did you mean Logging:LogLevel")]
    [InlineData("Logging:Console:FormatterOptions:SingleLin=true", "did you mean Logging:Console:FormatterOptions:SingleLine?")]
    [InlineData("Logging:Console:FormatterOptions:SingleLine=maybe", "'maybe' is not true or false.")]
    [InlineData("Logging:Console:FormatterOptions:TimestampFormat=%", "It is not a date and time format")]
    [InlineData("Logging:Console:MaxQueueLength=0", "Logging:Console:MaxQueueLength")]
    public async Task A_setting_that_cannot_be_taken_is_told_with_what_can(string setting, string told) =>
        Assert.Contains(told, await ProblemsAsync($"--{setting}"));

    [Theory]
    [InlineData("Folder=x", "SeaGrpc:Models:Rewards:judge:Folder (command line): It is for a model that the server loads")]
    [InlineData("Device=cpu", "SeaGrpc:Models:Rewards:judge:Device (command line): It is for a model that the server loads")]
    [InlineData("Label=good", "SeaGrpc:Models:Rewards:judge:Label (command line): It is for a reward over HTTP")]
    [InlineData("Template=x", "SeaGrpc:Models:Rewards:judge:Template (command line): It is for a reward over HTTP")]
    public async Task A_setting_that_does_not_go_with_a_reward_that_runs_elsewhere_is_told(string setting, string told) => Assert.Contains(
        told, await ProblemsAsync("--SeaGrpc:Models:Rewards:judge:Endpoint=http://here:80", $"--SeaGrpc:Models:Rewards:judge:{setting}"));

    [Fact]
    public async Task A_Unix_socket_over_HTTP_and_an_endpoints_setting_without_one_are_told()
    {
        Assert.Contains(
            "A Unix socket is for Kind=Grpc",
            await ProblemsAsync("--SeaGrpc:Models:Rewards:judge:Endpoint=unix:/run/judge", "--SeaGrpc:Models:Rewards:judge:Kind=Tei"));
        string told = await ProblemsAsync("--SeaGrpc:Models:Rewards:judge:Folder=x", "--SeaGrpc:Models:Rewards:judge:ApiKey=visible");
        Assert.Contains("SeaGrpc:Models:Rewards:judge:ApiKey (command line): It is for a reward that runs elsewhere", told);
        Assert.DoesNotContain("visible", told);
    }

    [Theory]
    [InlineData("-x", "-x (command line): it is not a setting")]
    [InlineData("models/policy", "models/policy (command line): it is not a setting")]
    [InlineData("--SeaGprc:Models:Policy=x", "did you mean --SeaGrpc:Models:Policy=VALUE?")]
    [InlineData("--SeaGrpc__Models__Policy=x", "did you mean --SeaGrpc:Models:Policy=VALUE?")]
    [InlineData("-SeaGrpc:Models:Policy=x", "did you mean --SeaGrpc:Models:Policy=VALUE?")]
    [InlineData("--healthcheck", "did you mean --health-check?")]
    [InlineData("--SeaGrpc:Models:Policy", "--SeaGrpc:Models:Policy (command line): it has no value: write --SeaGrpc:Models:Policy=VALUE.")]
    public async Task An_argument_that_is_none_is_told_with_what_was_probably_meant(string argument, string told)
    {
        Assert.Contains(told, await ProblemsAsync(argument));
        Assert.Contains(told, await ProblemsAsync(argument, "--SeaGrpc:Models:Device=cpu"));
    }

    [Fact]
    public async Task All_of_them_are_told_at_once()
    {
        string told = await ProblemsAsync(
            "-x", "--SeaGrpc:Model:Policy=x", "--SeaGrpc:Limits:MaxChains=abc", "--SeaGrpc:Limits:MaxIterations=0",
            "--SeaGrpc:Transport:Grpc=ftp://here",
            "--SeaGrpc:Models:Rewards:a b:Folder=x", "--SeaGrpc:Models:Device=tpu", "--Logging:LogLevel:Default=Loud");
        Assert.StartsWith("8 settings are wrong:\n", told);
    }

    [Fact]
    public void A_file_is_told_by_its_name_and_each_of_its_faults()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("appsettings.Production.json"), """
            {
              "SeaGrpc": {
                "Model": { "Policy": "x", "Reward": "y" },
                "Limits": { "MaxChains": "many", "MaxSamples": null },
                "Models": { "Rewards": { "helpful": {}, "kind": { "Folder": "x", "Bases": "y" } } }
              },
              "Seagprc": { "Models": { "Policy": "x" } }
            }
            """);
        string told = Problems(
            new ConfigurationBuilder().SetBasePath(folder.File(string.Empty)).AddJsonFile("appsettings.Production.json"));
        Assert.StartsWith("7 settings are wrong:\n", told);
        Assert.Contains(
            "SeaGrpc:Model:Policy (appsettings.Production.json): there is no such setting; did you mean SeaGrpc:Models:Policy?", told);
        Assert.Contains("SeaGrpc:Model:Reward (appsettings.Production.json)", told);
        Assert.Contains("SeaGrpc:Limits:MaxSamples (appsettings.Production.json): it has no value", told);
        Assert.Contains(
            "SeaGrpc:Models:Rewards:helpful (appsettings.Production.json): it is empty: set SeaGrpc:Models:Rewards:helpful:Folder.", told);
        Assert.Contains(
            "SeaGrpc:Models:Rewards:kind:Bases (appsettings.Production.json): there is no such setting; did you mean "
                + "SeaGrpc:Models:Rewards:kind:Basis?", told);
        Assert.Contains(
            "Seagprc:Models:Policy (appsettings.Production.json): there is no such setting; did you mean SeaGrpc:Models:Policy", told);
    }

    [Theory]
    [InlineData("SEAGRPC_MODELS_POLICY", true)]
    [InlineData("SeaGRPC_Model:Policy", true)]
    [InlineData("SeaGrpc.Models.Policy", true)]
    [InlineData("SeaGprc:Limits:MaxChains", true)]
    [InlineData("SEAGRPC_LIBTORCH", false)]
    [InlineData("SEAGRPC_PORT_50051_TCP_ADDR", false)]
    [InlineData("SEAGRPC_SERVICE_HOST", false)]
    [InlineData("OTHER_MODELS_POLICY", false)]
    public void A_misspelt_root_is_told_from_other_programs_variables(string key, bool isTold)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = "1" });
        if (isTold)
        {
            Assert.Contains($"{key}: there is no such setting; did you mean SeaGrpc:", Problems(configuration));
        }
        else
        {
            SettingsCheck.Run(configuration.Build(), []);
        }
    }

    [Fact]
    public async Task A_variable_is_named_as_it_is_written_and_the_start_ends_with_1()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(
            folders, [], new() { ["SEAGRPC__Model__Policy"] = "x", ["SeaGrpc_Models_Reward"] = "y" });
        Assert.Equal(1, await process.ExitAsync());
        Assert.StartsWith("SeaGrpc cannot start. 2 settings are wrong:\n", process.Output);
        Assert.Contains(
            "(environment variable SEAGRPC__Model__Policy): there is no such setting; did you mean SeaGrpc:Models:Policy?", process.Output);
        Assert.Contains("(environment variable SeaGrpc_Models_Reward)", process.Output);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4317", true)]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "", false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4317", false)]
    public void A_standard_variable_that_is_wrong_is_told_unless_spans_are_off(string name, string value, bool isTold)
    {
        IConfiguration Configuration(string other, string set) => new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [name] = value, [other] = set }).Build();

        string[] told = [.. OtlpTarget.Violations(Configuration("OTHER", "1")).Select(violation => violation.ToString())];
        Assert.Equal(isTold ? 1 : 0, told.Length);
        Assert.All(told, one => Assert.StartsWith($"{name}: '{value}' is not ", one));
        Assert.Empty(OtlpTarget.Violations(Configuration("OTEL_TRACES_EXPORTER", "none")));
        Assert.Empty(OtlpTarget.Violations(Configuration("OTEL_SDK_DISABLED", "true")));
        Assert.Empty(OtlpTarget.Violations(Configuration("SeaGrpc:Telemetry:TracesEndpoint", "none")));
    }

    [Theory]
    [InlineData("Security:AuthToken=        ")]
    [InlineData("Security:AuthToken=")]
    [InlineData("Security:AuthToken=correct-horse\n")]
    [InlineData("Security:AuthToken= correct-horse")]
    [InlineData("Security:AuthToken=correct-pförd")]
    [InlineData("Security:AuthToken=short")]
    public async Task A_token_that_no_header_carries_ends_the_start_and_is_not_shown(string setting)
    {
        string told = await ProblemsAsync($"--SeaGrpc:{setting}");
        Assert.Contains("SeaGrpc:Security:AuthToken (command line): it", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("correct", told);
    }

    [Fact]
    public async Task A_console_without_HTTP_ends_the_start() => Assert.Contains(
        "The console needs Http", await ProblemsAsync("--SeaGrpc:Transport:Console=true", "--SeaGrpc:Transport:Http=none"));

    [Theory]
    [InlineData("not an origin", "'not an origin' is not an origin: write https://HOST")]
    [InlineData("https://*.example", "without wildcards")]
    [InlineData("javascript:alert(1)", "is not an origin")]
    [InlineData("chat.example", "is not an origin")]
    [InlineData("https://chat.example/", "write https://chat.example.")]
    [InlineData("https://chat.example/app", "write https://chat.example.")]
    [InlineData("https://chat.example:443", "write https://chat.example.")]
    [InlineData("https://user@chat.example", "write https://chat.example.")]
    [InlineData("https://chat.example?x=1", "write https://chat.example.")]
    [InlineData("https://a.example,,https://b.example", "remove the extra comma")]
    [InlineData("https://a.example,", "remove the extra comma")]
    [InlineData("https://a.example, *", "write it alone")]
    [InlineData("https://a.example, file:///tmp", "'file:///tmp' is not an origin")]
    public async Task What_is_no_origin_ends_the_start(string origins, string told) =>
        Assert.Contains(told, await ProblemsAsync($"--SeaGrpc:Transport:WebOrigins={origins}"));

    [Theory]
    [InlineData("*")]
    [InlineData("https://chat.example, http://localhost:3000,https://[::1]:8443, HTTPS://Chat.example:444")]
    public async Task Origins_as_browsers_send_them_are_taken(string origins)
    {
        await using var app = SeaServer.Build([$"--SeaGrpc:Transport:WebOrigins={origins}"]);
    }

    [Theory]
    [InlineData("Grpc=http://1:50051", "It must be http://HOST:PORT")]
    [InlineData("Grpc=http://127.0.0.1", "It must be http://HOST:PORT")]
    [InlineData("Grpc=http://127.0.0.1:99999", "It must be http://HOST:PORT")]
    [InlineData("Grpc=http://::1:50051", "with IPv6 in brackets")]
    [InlineData("Grpc=ftp://127.0.0.1:50051", "It must be http://HOST:PORT or https://HOST:PORT")]
    [InlineData("Grpc=https://127.0.0.1:50051", "https:// needs a certificate: set SeaGrpc:Tls:Certificate and SeaGrpc:Tls:Key")]
    [InlineData("Http=https://127.0.0.1:50051", "It is the address of Grpc too")]
    [InlineData("Grpc=none", "It must be http://HOST:PORT")]
    [InlineData("Grpc=unix:", "unix:PATH")]
    [InlineData("Grpc=unix:/run/", "unix:PATH")]
    [InlineData("Http=http://127.0.0.1:50051", "It is the address of Grpc too")]
    [InlineData("Console=perhaps", "true or false")]
    [InlineData("UnixSocketMode=999", "octal mode from 600 to 777")]
    [InlineData("UnixSocketMode=066", "octal mode from 600 to 777")]
    [InlineData("UnixSocketMode=4755", "octal mode from 600 to 777")]
    [InlineData("UnixSocketGroup=no-such-group", "It must be the name of a group of this machine")]
    public async Task An_address_or_right_that_is_none_ends_the_start(string setting, string told) =>
        Assert.Contains(told, await ProblemsAsync($"--SeaGrpc:Transport:{setting}"));

    [Theory]
    [InlineData("SeaGrpc:Tls:Certificate (command line): It needs the certificate's private key too: set Key.", "Certificate=a")]
    [InlineData("SeaGrpc:Tls:ClientCa (command line): It needs the server's certificate too: set Certificate.", "ClientCa=a")]
    [InlineData("SeaGrpc:Tls: no address speaks TLS", "Certificate=a", "Key=b")]
    [InlineData("SeaGrpc:Tls:ReloadInterval", "ReloadInterval=00:00:00")]
    public async Task Settings_of_TLS_that_do_not_fit_together_end_the_start(string told, params string[] settings) =>
        Assert.Contains(told, await ProblemsAsync([.. settings.Select(setting => $"--SeaGrpc:Tls:{setting}")]));

    [Theory]
    [InlineData("Transport:WebOrigins=*", "SeaGrpc:Transport:Http: pages could call there by gRPC-Web without the certificate")]
    [InlineData("Transport:Console=true", "SeaGrpc:Transport:Http: pages could call there by gRPC-Web without the certificate")]
    [InlineData("OpenAi:Address=http://127.0.0.1:8000", "callers there would need no certificate, which SeaGrpc:Tls:ClientCa asks for")]
    public async Task Nobody_gets_around_the_certificate_that_callers_need(string setting, string told) =>
        Assert.Contains(
            told,
            await ProblemsAsync(
                "--SeaGrpc:Transport:Grpc=https://127.0.0.1:50051", "--SeaGrpc:Tls:Certificate=a", "--SeaGrpc:Tls:Key=b",
                "--SeaGrpc:Tls:ClientCa=c", $"--SeaGrpc:{setting}"));

    [Fact]
    public async Task A_single_token_beside_a_file_of_callers_ends_the_start()
    {
        string told = await ProblemsAsync("--SeaGrpc:Security:CallersFile=callers.json", "--SeaGrpc:Security:AuthToken=correct-horse");
        Assert.Contains("SeaGrpc:Security:CallersFile (command line): It names the tokens of all callers: remove AuthToken", told);
        Assert.DoesNotContain("correct-horse", told);
    }

    [Fact]
    public async Task A_path_that_is_too_long_for_a_socket_ends_the_start() =>
        Assert.Contains(
            "but a Unix socket's path may have",
            await ProblemsAsync($"--SeaGrpc:Transport:Grpc=unix:/tmp/{new string('a', 120)}"));

    [Theory]
    [InlineData("Pairs:b:Reward=models/reward", "Pairs:b:Policy", "must name the checkpoint folder of the policy")]
    [InlineData("Pairs:b:Policy=models/policy", "Pairs:b:Reward", "unless there are Rewards")]
    [InlineData("Pairs:b:Device=tpu", "Pairs:b:Device", "must be cpu")]
    [InlineData("Pairs:two words:Policy=models/policy", "Pairs:two words", "1 to 64 letters")]
    [InlineData("Pairs:tiny-policy:Policy=models/policy", "Pairs:tiny-policy", "that of the default pair")]
    [InlineData("Pairs:b:Load=Never", "Pairs:b:Load", "one of OnDemand, Start")]
    [InlineData("Pairs:b:Polcy=models/policy", "Pairs:b:Polcy", "did you mean SeaGrpc:Models:Pairs:b:Policy")]
    [InlineData("Pairs:b:Rewards:help:Share=1", "Pairs:b:Rewards:help:Folder", "checkpoint folder")]
    [InlineData("Pairs:b:Engine:Kind=Vllm", "Pairs:b:Engine:Endpoint", "engine's address")]
    public async Task A_pair_that_cannot_be_served_ends_the_start(string setting, string key, string said)
    {
        string problems = await ProblemsAsync($"--SeaGrpc:Models:{setting}");
        Assert.Contains($"SeaGrpc:Models:{key}", problems, StringComparison.Ordinal);
        Assert.Contains(said, problems, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_is_on_the_page_and_the_page_has_no_other()
    {
        const string Pair = $"SeaGrpc:Models:Pairs:{EntriesShape.Name}";
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "configuration.md"));
        string section = string.Empty;
        List<string> documented = [];
        foreach (string line in lines)
        {
            section = line.StartsWith("## ", StringComparison.Ordinal) ? line[3..]
                : line == "### Several rewards" ? $"SeaGrpc:Models:Rewards:{EntriesShape.Name}"
                : line == "### Several policies" ? Pair
                : line == "### A policy that runs elsewhere" ? "SeaGrpc:Models:Engine"
                : line.StartsWith("### ", StringComparison.Ordinal) ? string.Empty : section;
            if (section.StartsWith("SeaGrpc:", StringComparison.Ordinal) && line.StartsWith("| `", StringComparison.Ordinal))
            {
                documented.AddRange(
                    line.Split('|')[1]
                        .Split(',')
                        .Select(name => $"{section}:{name.Trim(' ', '`')}")
                        .Where(key => !key.Contains('…', StringComparison.Ordinal)));
            }
        }

        // A pair's rewards and engine have the settings of the default pair's.
        Assert.Equal(
            SettingsSection.Keys
                .Where(key => !key.StartsWith($"{Pair}:Rewards:", StringComparison.Ordinal)
                    && !key.StartsWith($"{Pair}:Engine:", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    private static async Task<string> ProblemsAsync(params string[] arguments) =>
        (await Assert.ThrowsAsync<SettingsException>(async () => await SeaServer.Build(arguments).DisposeAsync())).Message;

    private static string Problems(IConfigurationBuilder configuration) =>
        Assert.Throws<SettingsException>(() => SettingsCheck.Run(configuration.Build(), [])).Message;
}
