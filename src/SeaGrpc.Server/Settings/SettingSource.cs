using System.Collections;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace SeaGrpc.Server.Settings;

/// <summary>Finds the source of a configuration key.</summary>
internal static class SettingSource
{
    private static readonly string[] Prefixes = ["", "DOTNET_", "ASPNETCORE_"];

    /// <summary>A description of the source whose value is used, or null if the source has no name.</summary>
    public static string? Of(IConfiguration configuration, string key) => (configuration as IConfigurationRoot)?.Providers
        .LastOrDefault(provider => provider.TryGet(key, out _)) switch
    {
        CommandLineConfigurationProvider => "command line",
        EnvironmentVariablesConfigurationProvider => $"environment variable {Variable(key)}",
        FileConfigurationProvider file => file.Source.Path,
        ChainedConfigurationProvider chained => Of(chained.Configuration, key),
        _ => null,
    };

    /// <summary>The name of the variable as it is written in the environment.</summary>
    private static string Variable(string key) => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(variable => (string)variable.Key)
        .FirstOrDefault(
            name => Prefixes.Any(prefix => SettingShape.Keys.Equals(name.Replace("__", ":", StringComparison.Ordinal), prefix + key)))
        ?? key.Replace(":", "__", StringComparison.Ordinal);
}
