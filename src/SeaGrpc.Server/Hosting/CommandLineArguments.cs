using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Modeling.SelfCheck;
using SeaGrpc.Server.Settings;

namespace SeaGrpc.Server.Hosting;

/// <summary>The program's arguments: settings, and options that do something other than serve.</summary>
/// <param name="Settings">The settings among the arguments, as --KEY=VALUE or --KEY VALUE.</param>
/// <param name="Violations">The arguments that are not valid.</param>
internal sealed record CommandLineArguments(string[] Settings, IReadOnlyList<SettingViolation> Violations)
{
    /// <summary>Prints <see cref="Usage"/>.</summary>
    public const string Help = "--help";

    /// <summary>Prints the version.</summary>
    public const string Version = "--version";

    /// <summary>Short usage text.</summary>
    public const string Usage = """
        SeaGrpc.Server: serves sea.v1 over gRPC until SIGTERM or Ctrl-C.

          --SeaGrpc:SECTION:NAME=VALUE   a setting, for example --SeaGrpc:Transport:Grpc=http://127.0.0.1:50051 (see docs/configuration.md)
          --Logging:LogLevel:NAME=LEVEL  the minimum level that is logged
          --health-check                 ask the server running with the same settings whether it accepts calls: exit code 0 or 1
          --version                      print the server's version
          --self-check                   compute known results with this machine's libtorch and compare them: exit code 0 or 1
          --help                         print this text
        """;

    private const string Source = "command line";
    private const string Prefix = "--";
    private static readonly string[] Sections = ["SeaGrpc:", "Logging:"];
    private static readonly string[] Actions = [Help, Version, HealthProbe.Argument, SelfCheckProcess.Argument];

    /// <summary>Separates settings from other arguments.</summary>
    public static CommandLineArguments Parse(IEnumerable<string> args)
    {
        var settings = new List<string>();
        var violations = new List<SettingViolation>();
        string[] rest = [.. args.Where(argument => !Actions.Contains(argument))];
        for (int index = 0; index < rest.Length; index++)
        {
            string argument = rest[index];
            string key = argument.Split('=', 2)[0];
            bool hasValue = key.Length < argument.Length;
            string? next = index + 1 < rest.Length && !rest[index + 1].StartsWith(Prefix, StringComparison.Ordinal)
                ? rest[index + 1]
                : null;
            if (!IsSetting(key))
            {
                violations.Add(new SettingViolation(key, $"it is not a setting: {Suggestion(key)} See {Help}.", Source));
                // Its value would otherwise be reported separately.
                index += key.StartsWith(Prefix, StringComparison.Ordinal) && !hasValue && next is not null ? 1 : 0;
            }
            else if (hasValue)
            {
                settings.Add(argument);
            }
            else if (next is not null)
            {
                settings.Add($"{key}={next}");
                index++;
            }
            else
            {
                violations.Add(new SettingViolation(key, $"it has no value: write {key}=VALUE.", Source));
            }
        }

        return new CommandLineArguments([.. settings], violations);
    }

    private static bool IsSetting(string key) => key.StartsWith(Prefix, StringComparison.Ordinal)
        && Sections.Any(section => key.AsSpan(Prefix.Length).StartsWith(section, StringComparison.OrdinalIgnoreCase));

    private static string Suggestion(string key)
    {
        string name = key.TrimStart('-', '/').Replace("__", ":", StringComparison.Ordinal);
        string? meant = MisspeltRoots.IsMeant(name) ? NearestKey.Of(name, SettingsSection.Keys)
            : Actions.Select(action => action[Prefix.Length..]).FirstOrDefault(action => NearestName.Distance(action, name) <= 2);
        return meant is null
            ? "write --SeaGrpc:SECTION:NAME=VALUE."
            : $"did you mean {Prefix}{meant}{(meant.Contains(':', StringComparison.Ordinal) ? "=VALUE" : string.Empty)}?";
    }
}
