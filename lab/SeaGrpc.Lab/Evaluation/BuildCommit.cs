using System.Reflection;

namespace SeaGrpc.Lab.Evaluation;

/// <summary>The commit that this program was built from.</summary>
internal static class BuildCommit
{
    /// <summary>Its hash as the build wrote it into the assembly; changes that were not committed do not show.</summary>
    public static string Hash { get; } =
        typeof(BuildCommit).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [
            _, string commit]
            ? commit[..Math.Min(12, commit.Length)]
            : "unknown";
}
