namespace SeaGrpc.Server.Hosting;

/// <summary>The program's arguments: settings, and what it does instead of serving.</summary>
internal static class CommandLineArguments
{
    /// <summary>Asks for <see cref="Usage"/>.</summary>
    public const string Help = "--help";

    /// <summary>What there is, in short.</summary>
    public const string Usage = """
        SeaGrpc.Server: serves sea.v1 over gRPC until SIGTERM or Ctrl-C.

          --SeaGrpc:SECTION:NAME=VALUE   a setting, say --SeaGrpc:Transport:Grpc=http://127.0.0.1:50051 (docs/configuration.md lists them)
          --Logging:LogLevel:NAME=LEVEL  how much is logged
          --health-check                 ask the server that runs under the same settings whether it takes calls: exit code 0 or 1
          --help                         this text
        """;

    private static readonly string[] Sections = ["SeaGrpc:", "Logging:"];

    /// <summary>The settings among the arguments, --KEY=VALUE or --KEY VALUE.</summary>
    /// <exception cref="ArgumentException">An argument is none.</exception>
    public static string[] Settings(IReadOnlyList<string> args)
    {
        string[] settings = [.. args.Where(argument => argument is not (Help or HealthProbe.Argument))];
        for (int index = 0; index < settings.Length; index++)
        {
            string argument = settings[index];
            if (!argument.StartsWith("--", StringComparison.Ordinal)
                || !Sections.Any(section => argument.AsSpan(2).StartsWith(section, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ArgumentException($"'{argument}' is no setting: write --SeaGrpc:SECTION:NAME=VALUE. {Help} says more.");
            }

            if (!argument.Contains('=', StringComparison.Ordinal) && ++index == settings.Length)
            {
                throw new ArgumentException($"The setting {argument} has no value: write {argument}=VALUE.");
            }
        }

        return settings;
    }
}
