using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Settings;

/// <summary>
/// Finds keys that were meant to be under SeaGrpc but misspell it (SeaGprc__Models__Policy) or join it in another way
/// (SEAGRPC_MODELS_POLICY). A section name must follow. This excludes variables of other programs and those that Kubernetes derives from a
/// service's name (SEAGRPC_PORT).
/// </summary>
internal static class MisspeltRoots
{
    private const int MaxRootDistance = 2;
    private const int MaxSectionDistance = 1;
    private static readonly char[] Joints = ['_', '.', '-', ':', '/', ' '];

    /// <summary>One violation for each such key.</summary>
    public static IEnumerable<SettingViolation> Find(IConfiguration configuration) =>
        from top in configuration.GetChildren()
        where !SettingShape.Keys.Equals(top.Key, SettingsSection.Root)
        from key in Leaves(top)
        where IsMeant(key)
        select new SettingViolation(key, $"{Meant(key)}", SettingSource.Of(configuration, key));

    /// <summary>Whether a key begins with something like SeaGrpc, followed by something like a section name.</summary>
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
