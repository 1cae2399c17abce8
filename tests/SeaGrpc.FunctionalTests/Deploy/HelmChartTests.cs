using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests.Deploy;

/// <summary>The chart, rendered by the real helm and compared with the schemas of Kubernetes and with the server.</summary>
public sealed class HelmChartTests
{
    private const string Everything = """
        image: {repository: registry.example/seagrpc, tag: "1.2.3", pullSecrets: [registry]}
        deployment: {replicas: 3, nodeSelector: {gpu: "yes"}, podAnnotations: {a: b}, priorityClassName: high,
          tolerations: [{key: nvidia.com/gpu, operator: Exists}],
          topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}
        models: {policy: llama, reward: /models/judge, policyName: meta/llama, rewardName: judge, device: "cuda:0", dtype: BFloat16,
          threads: 4, persistentVolumeClaim: weights}
        engine: {address: "http://vllm:8000/v1", kind: llama.cpp, model: llama, alternatives: 64, startTimeoutSeconds: 3725,
          apiKey: {secret: vllm}}
        token: {secret: seagrpc-token}
        tls: {secret: certificate, clientCa: {secret: callers, key: roots.pem}}
        settings: {"SeaGrpc:Limits:MaxChains": 8, "SeaGrpc:Engine:MaxConcurrentJobs": "2", "Logging:LogLevel:Default": Warning,
          "SeaGrpc:Transport:MaxRequestBytes": 8388608, "SeaGrpc:Models:RewardMean": -0.25, "SeaGrpc:Engine:QueueTimeout": "00:01:00"}
        env: [{name: SEAGRPC_LIBTORCH, value: /libtorch}]
        drain: {preStopSeconds: 10, budgetSeconds: 90, terminationGracePeriodSeconds: 105}
        probes: {startup: {timeoutSeconds: 3800}}
        gpu: {count: 1, runtimeClassName: nvidia}
        serviceMonitor: {enabled: true, labels: {release: prometheus}}
        networkPolicy: {enabled: true, egress: [{to: [{podSelector: {matchLabels: {app: vllm}}}], ports: [{port: 8000}]}]}
        podDisruptionBudget: {maxUnavailable: "", minAvailable: 2}
        service: {headless: true, annotations: {a: b}}
        serviceAccount: {annotations: {a: b}}
        """;

    private const string Mutual = "tls: {secret: certificate, clientCa: {secret: callers}}";

    public static TheoryData<string> Values =>
    [
        "{}",
        Everything,
        "autoscaling: {kind: hpa, minReplicas: 2}",
        "autoscaling: {kind: keda, prometheus: \"http://prometheus:9090\"}",
        "models: {policy: llama, hostPath: /srv/models}",
        "models: {policy: llama, volume: {nfs: {server: nas, path: /models}}}",
        "models: {policy: llama, init: {image: models, command: [cp, -r, /weights/., /models], sizeLimit: 20Gi}}",
        "models: {policy: llama, init: {image: models, resources: {limits: {memory: 1Gi}}, env: [{name: A, value: b}]}}",
        "tls: {secret: certificate}",
        Mutual,
        "serviceAccount: {create: false}\nnetworkPolicy: {enabled: true}\ndrain: {preStopSeconds: 0}",
    ];

    public static TheoryData<string, string> Refusals => new()
    {
        {
            "drain: {terminationGracePeriodSeconds: 29}",
            "but preStopSeconds (5), budgetSeconds (20) and 5 seconds to close connections need 30"
        },
        { "grpc: {listen: loopback}", "grpc.listen is loopback, which no Service can reach" },
        { "sidecar: {native: true}", "sidecar.native is for a sidecar in a pod of your own" },
        { "http: {port: 50051}", "grpc.port and http.port are both 50051" },
        { "models: {policy: a, hostPath: /m, persistentVolumeClaim: c}", "models has several sources (persistentVolumeClaim, hostPath)" },
        { "models: {hostPath: /m}", "models.policy is empty, so that the embedded models would be served" },
        { "models: {policy: a}", "nothing brings that folder" },
        { "engine: {address: \"http://vllm:8000\"}", "engine.address is set, but models.policy is empty" },
        {
            "models: {policy: a, hostPath: /m}\nengine: {address: \"http://vllm:8000\", startTimeoutSeconds: 1000}",
            "probes.startup.timeoutSeconds is 900, so that the pod would be restarted"
        },
        { "gpu: {count: 1}\nmodels: {device: cpu}", "gpu.count is 1, but models.device is cpu" },
        { "models: {device: cuda}", "models.device is cuda, but gpu.count is 0" },
        { "tls: {clientCa: {secret: a}}", "tls.secret is empty" },
        { "settings: {MaxChains: 8}", "settings has MaxChains, but a setting's name begins with SeaGrpc: or Logging:" },
        { "autoscaling: {kind: hpa, minReplicas: 5}", "autoscaling.minReplicas (5) is more than maxReplicas (4)" },
        { "autoscaling: {kind: keda}", "autoscaling.prometheus is empty" },
        { "podDisruptionBudget: {minAvailable: 1}", "podDisruptionBudget has maxUnavailable and minAvailable" },
        { "podDisruptionBudget: {maxUnavailable: \"\", minAvailable: 1}", "would never let a pod be evicted with 1 replicas" },
        { "podDisruptionBudget: {maxUnavailable: 0}", "would never let a pod be evicted" },
        { "drain: {budget: 5}", "budget" },
        { "engine: {kind: triton}", "engine" },
        { "podSecurity: {}", "podSecurity" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Every_object_is_what_kubernetes_schemas_allow(string values)
    {
        Manifests rendered = await Helm.TemplateAsync(values);
        Assert.Empty(rendered.Errors);
        Assert.Contains(rendered.Documents, document => (string?)document["kind"] == "Deployment");
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Values_that_do_not_go_together_are_refused_with_what_to_change(string values, string told)
    {
        (int exitCode, _, string error) = await Helm.TryTemplateAsync(values);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(told, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lint_finds_nothing()
    {
        (int exitCode, string output, string error) = await Helm.RunAsync("{}", "lint", Helm.Chart, "--strict", "--values", "-");
        Assert.True(exitCode == 0, output + error);
    }

    /// <summary>The schemas notice what they are there for.</summary>
    [Theory]
    [InlineData("terminationGracePeriodSeconds:", "terminationGraceSeconds:")]
    [InlineData("failureThreshold: 300", "failureThreshold: many")]
    [InlineData("drop:\n", "dropped:\n")]
    [InlineData("kind: Service\n", "kind: Servic\n")]
    public async Task A_misspelt_manifest_is_not_what_the_schemas_allow(string right, string wrong)
    {
        (int exitCode, string output, _) = await Helm.TryTemplateAsync("{}");
        Assert.Equal(0, exitCode);
        Assert.Contains(right, output, StringComparison.Ordinal);
        Assert.NotEmpty((await Manifests.OfKubernetesAsync(output.Replace(right, wrong, StringComparison.Ordinal))).Errors);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Every_variable_is_a_setting_of_the_server(string values)
    {
        Manifests rendered = await Helm.TemplateAsync(values);
        using var pod = new PodFiles();
        await using WebApplication app = SeaServer.Build(pod.Settings(rendered));
        TransportOptions transport = app.Services.GetRequiredService<IOptions<TransportOptions>>().Value;
        Assert.Equal($"{(values.Contains("tls:", StringComparison.Ordinal) ? "https" : "http")}://*:50051", transport.Grpc);
        Assert.Equal("http://*:8080", transport.Http);
    }

    [Fact]
    public async Task The_values_arrive_at_the_server()
    {
        Manifests rendered = await Helm.TemplateAsync(Everything);
        using var pod = new PodFiles();
        await using WebApplication app = SeaServer.Build(pod.Settings(rendered));
        ModelOptions models = app.Services.GetRequiredService<IOptions<ModelOptions>>().Value;
        Assert.Equal(
            ("/models/llama", "/models/judge", "meta/llama", "judge", "cuda:0", 4),
            (models.Policy, models.Reward, models.PolicyName, models.RewardName, models.Device, models.Threads));
        Assert.Equal(
            ("http://vllm:8000/v1", EngineKind.LlamaCpp, "llama", 64, new TimeSpan(1, 2, 5)),
            (models.Engine!.Endpoint, models.Engine.Kind, models.Engine.Model, models.Engine.Alternatives, models.Engine.StartTimeout));
        Assert.Equal(TimeSpan.FromSeconds(90), app.Services.GetRequiredService<IOptions<EngineOptions>>().Value.DrainBudget);
        Assert.Equal(8, app.Services.GetRequiredService<IOptions<LimitOptions>>().Value.MaxChains);
        Assert.Equal(8388608, app.Services.GetRequiredService<IOptions<TransportOptions>>().Value.MaxRequestBytes);
        Assert.Equal(-0.25, models.RewardMean);
        Assert.Equal(105, (int)rendered.Pod["terminationGracePeriodSeconds"]!);
        Assert.Equal(1, (int)rendered.Container["resources"]!["limits"]!["nvidia.com/gpu"]!);
        Assert.Equal("registry.example/seagrpc:1.2.3", (string)rendered.Container["image"]!);
    }

    [Fact]
    public async Task Certificates_come_from_secrets()
    {
        Manifests rendered = await Helm.TemplateAsync(Mutual);
        Assert.Empty(rendered.Errors);
        Assert.Subset(
            rendered.Settings().ToHashSet(),
            new HashSet<string>
            {
                "--SeaGrpc:Transport:Grpc=https://*:50051",
                "--SeaGrpc:Tls:Certificate=/run/secrets/seagrpc-tls/tls.crt",
                "--SeaGrpc:Tls:Key=/run/secrets/seagrpc-tls/tls.key",
                "--SeaGrpc:Tls:ClientCa=/run/secrets/seagrpc-client-ca/ca.crt",
            });
        Assert.Equal(
            [("seagrpc-tls", "certificate"), ("seagrpc-client-ca", "callers")],
            rendered.Pod["volumes"]!.AsArray().Select(volume => ((string)volume!["name"]!, (string)volume["secret"]!["secretName"]!)));
        Assert.Equal(
            ["/run/secrets/seagrpc-tls", "/run/secrets/seagrpc-client-ca"],
            rendered.Container["volumeMounts"]!.AsArray().Select(mount => (string)mount!["mountPath"]!));
    }

    /// <summary>Every file that a setting names is in a volume of the pod.</summary>
    [Theory]
    [InlineData(Everything, 4)]
    [InlineData(Mutual, 3)]
    [InlineData("tls: {secret: certificate}", 2)]
    public async Task Every_file_lies_in_a_volume_that_is_mounted(string values, int files)
    {
        Manifests rendered = await Helm.TemplateAsync(values);
        string[] named = [.. rendered.Settings().Select(setting => setting.Split('=', 2)[1]).Where(PodFiles.IsFile)];
        Assert.Equal(files, named.Length);
        Dictionary<string, JsonNode> mounts = rendered.Container["volumeMounts"]!.AsArray()
            .ToDictionary(mount => (string)mount!["mountPath"]!, mount => mount!);
        string[] volumes = [.. rendered.Pod["volumes"]!.AsArray().Select(volume => (string)volume!["name"]!)];
        Assert.All(named, file =>
        {
            JsonNode mount = mounts[Path.GetDirectoryName(file)!];
            Assert.True((bool)mount["readOnly"]!);
            Assert.Contains((string)mount["name"]!, volumes);
        });
    }

    /// <summary>Probes stay plaintext where gRPC is TLS: a kubelet has no certificate.</summary>
    [Theory]
    [InlineData("{}", 50051, 8080)]
    [InlineData(Mutual, 50051, 8080)]
    [InlineData(Mutual + "\ngrpc: {port: 7000}\nhttp: {port: 7001}", 7000, 7001)]
    public async Task Probes_ask_what_the_server_answers(string values, int grpcPort, int httpPort)
    {
        Manifests rendered = await Helm.TemplateAsync(values);
        JsonNode container = rendered.Container;
        JsonNode[] probes = [.. ((string[])["startupProbe", "readinessProbe", "livenessProbe"])
            .Select(probe => container[probe]!["httpGet"]!)];
        Assert.All(probes, probe => Assert.Equal(("sea-http", "HTTP"), ((string)probe["port"]!, (string?)probe["scheme"] ?? "HTTP")));
        string[] paths = [.. probes.Select(probe => (string)probe["path"]!)];
        Assert.Equal(["/healthz/ready", "/healthz/ready", "/healthz/live"], paths);
        Assert.Equal(
            [("grpc", grpcPort), ("sea-http", httpPort)],
            container["ports"]!.AsArray().Select(port => ((string)port!["name"]!, (int)port["containerPort"]!)));
        Assert.Subset(
            rendered.Settings().ToHashSet(),
            new HashSet<string>
            {
                $"--SeaGrpc:Transport:Grpc={(values == "{}" ? "http" : "https")}://*:{grpcPort}",
                $"--SeaGrpc:Transport:Http=http://*:{httpPort}",
            });

        // The same settings on ports of this machine.
        using var pod = new PodFiles();
        string[] tls = [.. pod.Settings(rendered).Where(setting => setting.StartsWith("--SeaGrpc:Tls:", StringComparison.Ordinal))
            .Select(setting => setting["--SeaGrpc:".Length..])];
        await using RunningServer server = await RunningServer.StartAsync(
            null, [.. tls, $"Transport:Grpc={(tls.Length == 0 ? "http" : "https")}://127.0.0.1:0"]);
        using var http = new HttpClient();
        foreach (string path in paths)
        {
            Assert.Equal("Healthy", await http.GetStringAsync($"{server.HttpAddress}{path}"));
        }
    }

    [Fact]
    public async Task Nothing_runs_as_root_or_can_be_written()
    {
        Manifests rendered = await Helm.TemplateAsync("models: {policy: llama, init: {image: models}}");
        JsonNode[] containers =
            [.. rendered.Pod["containers"]!.AsArray().Concat(rendered.Pod["initContainers"]!.AsArray()).Select(one => one!)];
        Assert.Equal(2, containers.Length);
        Assert.All(containers, container =>
        {
            JsonNode security = container["securityContext"]!;
            Assert.True((bool)security["runAsNonRoot"]!);
            Assert.NotEqual(0, (int)security["runAsUser"]!);
            Assert.True((bool)security["readOnlyRootFilesystem"]!);
            Assert.False((bool)security["allowPrivilegeEscalation"]!);
            Assert.Equal("ALL", (string)security["capabilities"]!["drop"]!.AsArray().Single()!);
            Assert.Equal("RuntimeDefault", (string)security["seccompProfile"]!["type"]!);
        });
        Assert.False((bool)rendered.Pod["automountServiceAccountToken"]!);
    }

    [Fact]
    public async Task The_example_has_the_sidecar_in_a_pod_of_its_own()
    {
        using var folder = new TemporaryFolder();
        foreach (string part in (string[])["seagrpc", "examples/chat-backend"])
        {
            Copy(Path.Combine(Repository.Root, "deploy", "helm", part), folder.File(part));
        }

        string chart = folder.File("examples/chat-backend");
        (int exitCode, string output, string error) = await Helm.RunAsync("", "dependency", "build", chart);
        Assert.True(exitCode == 0, output + error);
        Manifests rendered = await Helm.TemplateAsync("seagrpc: {token: {secret: t}, models: {policy: llama, hostPath: /srv}}", chart);

        Assert.Empty(rendered.Errors);
        Assert.Equal("Deployment", (string)Assert.Single(rendered.Documents)["kind"]!);
        Assert.Equal("Always", (string)rendered.Container["restartPolicy"]!);
        Assert.Equal(["backend"], rendered.Pod["containers"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Equal(["seagrpc-models", "seagrpc-token"], rendered.Pod["volumes"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Equal(30, (int)rendered.Pod["terminationGracePeriodSeconds"]!);
        Assert.Contains("--SeaGrpc:Transport:Grpc=http://127.0.0.1:50051", rendered.Settings());
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
