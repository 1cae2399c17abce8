namespace SeaGrpc.FunctionalTests.Architecture;

/// <summary>
/// Which folder may use which, of those that lie side by side: one line a folder. What lies directly in a project (or in a folder that has
/// others inside) is shared by all of it and puts its parts together; a folder and those inside it count as one. docs/architecture.md draws
/// the same lines.
/// </summary>
internal static class FolderDirections
{
    /// <summary>The folders that each folder may use, by the namespace around both.</summary>
    public static IReadOnlyDictionary<string, string> Allowed { get; } = new Dictionary<string, string>
    {
        ["SeaGrpc.Modeling"] = """
            Checkpoints -> Transformer
            Families -> Checkpoints, Transformer
            Inspection -> Checkpoints, Families, Loading, Tokenization, Transformer
            Loading -> Checkpoints, Families, Tokenization, Transformer
            SelfCheck -> Checkpoints
            Tokenization -> Checkpoints
            Transformer -> Batching
            """,
        ["SeaGrpc.Modeling.Tokenization"] = """
            Normalization -> Characters
            PreTokenization -> Characters
            """,
        ["SeaGrpc.Alignment"] = """
            Args -> Parameters, Search
            BestOfN -> Parameters, Search
            ChunkBeamSearch -> Parameters, Search
            Decoding -> Policies
            EnergySearch -> Parameters, Policies, Rewards, Scoring, Sea, Search
            Policies -> Scoring
            Probing -> Decoding, Policies, Rewards, Scoring, Sea, Search
            Rewards -> Prompts, Scoring
            Scoring -> Prompts
            Sea -> Decoding, Parameters, Policies, Rewards, Scoring
            Search -> Policies, Rewards
            SelfCheck -> Sea
            """,
        ["SeaGrpc.Alignment.EnergySearch"] = """
            Moves -> Cuts
            """,
        ["SeaGrpc.Serving"] = """
            Jobs -> Errors
            Observability -> Errors
            Requests -> Errors, Jobs
            Scheduling -> Errors, Jobs, Observability, Requests
            """,
        ["SeaGrpc.Server"] = """
            Engines -> Logging, Options, Outside
            Errors -> Logging
            Hosting -> Engines, Errors, Intake, Listening, Logging, Mapping, Models, OpenAi, Options, RemoteRewards
            Hosting -> Security, Services, Settings, Telemetry, Tls, WebConsole
            Intake -> Errors, Logging, Options
            Listening -> Options
            Logging -> Contract, Telemetry
            Mapping -> Contract, Models, Options, Validation
            Models -> Engines, Errors, Logging, Options, RemoteRewards
            OpenAi -> Contract, Errors, Intake, Logging, Mapping, Models, Options, Outside, Services
            RemoteRewards -> Logging, Options, Outside
            Security -> Contract, Errors, Logging, Options
            Services -> Errors, Intake, Logging, Mapping, Models, Options, Security, Telemetry, Validation
            Settings -> Options
            Telemetry -> Contract, Options, Settings
            Tls -> Logging, Options
            Validation -> Contract, Errors, Models, Options
            WebConsole -> Options
            """,
        ["SeaGrpc.Server.OpenAi"] = """
            Calls -> Replies
            Replies -> Errors
            Requests -> Errors
            Upstream -> Calls, Errors, Replies, Requests
            """,
        ["SeaGrpc.Cli"] = """
            Calibration -> Output, Runs
            Commands -> Calibration, Connections, Hub, Inspection, Load, Output, Replay, Runs, Serve, Tokenize
            Connections -> Output
            Hub -> Output, Runs
            Inspection -> Output
            Load -> Connections, Output
            Runs -> Connections
            Serve -> Hub, Output
            Tokenize -> Output
            """,
    };

    /// <summary>The lines as single directions.</summary>
    public static IEnumerable<FolderUse> All => Allowed.SelectMany(house => house.Value
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(" -> "))
        .SelectMany(sides => sides[1].Split(", ").Select(target => new FolderUse(house.Key, sides[0], target))));
}
