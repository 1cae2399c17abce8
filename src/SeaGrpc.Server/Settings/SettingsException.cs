namespace SeaGrpc.Server.Settings;

/// <summary>The server cannot start with its settings. The message lists every error.</summary>
public sealed class SettingsException : Exception
{
    internal SettingsException(IReadOnlyList<SettingViolation> violations)
        : base(Describe(violations))
    {
    }

    private static string Describe(IReadOnlyList<SettingViolation> violations) =>
        $"{(violations.Count == 1 ? "A setting is wrong" : $"{violations.Count} settings are wrong")}:\n"
        + string.Join('\n', violations.Select(violation => $"  {violation}"))
        + "\nSettings are given in appsettings.json, as environment variables (SeaGrpc__Limits__MaxChains=8) or on the command line "
        + "(--SeaGrpc:Limits:MaxChains=8); docs/configuration.md lists them.";
}

/// <summary>One wrong setting.</summary>
/// <param name="Key">Its full key, or the command-line argument.</param>
/// <param name="Problem">What is wrong and what to write instead.</param>
/// <param name="Source">Where it was set, or null if unknown.</param>
internal sealed record SettingViolation(string Key, string Problem, string? Source = null)
{
    public override string ToString() =>
        $"{CallerText.Shown(Key)}{(Source is null ? string.Empty : $" ({CallerText.Shown(Source)})")}: {Problem}";
}
