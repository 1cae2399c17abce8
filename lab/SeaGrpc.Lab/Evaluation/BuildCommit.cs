using System.Reflection;

namespace SeaGrpc.Lab.Evaluation;

/// <summary>The commit that this program was built from.</summary>
internal static class BuildCommit
{
    /// <summary>Its hash, which the build wrote into the assembly; uncommitted changes do not show.</summary>
    public static string Hash { get; } =
        typeof(BuildCommit).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [
            _, string commit]
            ? commit[..Math.Min(12, commit.Length)]
            : "unknown";
}
