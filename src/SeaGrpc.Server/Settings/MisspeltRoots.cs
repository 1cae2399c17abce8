using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Settings;

/// <summary>
/// Finds keys that were meant to stand under SeaGrpc, but have it misspelt (SeaGprc__Models__Policy) or joined by something else
/// (SEAGRPC_MODELS_POLICY). Told apart from other programs' variables, and from those that Kubernetes makes of a service's name
/// (SEAGRPC_PORT), by a section's name that follows.
/// </summary>
internal static class MisspeltRoots
{
    private const int MaxRootDistance = 2;
    private const int MaxSectionDistance = 1;
    private static readonly char[] Joints = ['_', '.', '-', ':', '/', ' '];

    /// <summary>A violation for each.</summary>
    public static IEnumerable<SettingViolation> Find(IConfiguration configuration) =>
        from top in configuration.GetChildren()
        where !SettingShape.Keys.Equals(top.Key, SettingsSection.Root)
        from key in Leaves(top)
        where IsMeant(key)
        select new SettingViolation(key, $"{Meant(key)}", SettingSource.Of(configuration, key));

    /// <summary>Whether the key begins with something like SeaGrpc, followed by something like a section.</summary>
    public static bool IsMeant(string key) => Words(key) is [var root, var section, ..]
        && NearestName.Distance(root, SettingsSection.Root) <= MaxRootDistance
        && SettingsSection.All.Any(known => NearestName.Distance(section, known.Name) <= MaxSectionDistance);

    private static string Meant(string key)
    {
        string nearest = NearestKey.Of(string.Join(':', Words(key).Skip(1).Prepend(SettingsSection.Root)), SettingsSection.Keys);
        return $"there is no such setting; did you mean {nearest} (as "
            + $"an environment variable {nearest.Replace(":", "__", StringComparison.Ordinal)})?";
    }

    private static string[] Words(string key) => key.Split(Joints, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Leaves(IConfigurationSection at)
    {
        IConfigurationSection[] children = [.. at.GetChildren()];
        return children.Length == 0 ? [at.Path] : children.SelectMany(Leaves);
    }
}
