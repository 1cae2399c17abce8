using System.Runtime.InteropServices;
using SeaGrpc.Modeling.SelfCheck;

namespace SeaGrpc.Modeling;

/// <summary>Which libtorch the process computes with: the build's own, or one that is installed already, such as PyTorch's.</summary>
/// <remarks>
/// A library that is loaded under its name is found again under that name: once a folder's libraries are in the process, TorchSharp's own
/// native library binds to them, wherever they are (docs/decisions/0006).
/// </remarks>
public static class LibTorch
{
    /// <summary>The environment variable that names the folder of a libtorch.</summary>
    public const string Variable = "SEAGRPC_LIBTORCH";

    /// <summary>
    /// The version that TorchSharp was compiled against, as major.minor. To ask TorchSharp for it makes it load libtorch.
    /// </summary>
    public const string NeededVersion = "2.10";

    /// <summary>The versions that were seen to work, as major.minor.</summary>
    public const string KnownVersions = "2.10 and 2.11";

    private const string Core = "libtorch_cpu.so";
    private static readonly Lazy<Library> Loaded = new(
        () => Load(Environment.GetEnvironmentVariable(Variable)), LazyThreadSafetyMode.ExecutionAndPublication);
    private static bool _isSelfCheck;

    /// <summary>Where it was loaded from; null if the build has its own.</summary>
    public static string? Folder => Loaded.Value.Folder;

    /// <summary>Its version as major.minor; "before 2.9" where it does not tell.</summary>
    public static string Version => Loaded.Value.Version;

    /// <summary>Loads it, unless it is loaded; call this before anything computes.</summary>
    /// <remarks>A version other than <see cref="NeededVersion"/> is taken when this program, run again as its own self-check, finds that it
    /// computes rightly.</remarks>
    /// <exception cref="LibTorchException">The folder has none, or one that failed the self-check, or there is none at all; the message
    /// says what is needed.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>Loads it whatever its version, for the self-check.</summary>
    /// <exception cref="LibTorchException">There is none, it cannot be loaded, or it lacks a symbol that TorchSharp needs.</exception>
    public static void LoadForSelfCheck()
    {
        _isSelfCheck = true;
        if (Loaded.Value.Folder is not null && NativeSymbols.FindMissing() is { } missing)
        {
            throw new LibTorchException($"TorchSharp's native library does not bind to it: {missing}");
        }
    }

    private static Library Load(string? folder)
    {
        string? own = NativeSymbols.FolderOf(Core);
        if (string.IsNullOrEmpty(folder))
        {
            return own is not null || NativeLibrary.TryLoad(Core, out _)
                ? new Library(null, NeededVersion)
                : throw new LibTorchException($"This build contains no libtorch. {Wanted}");
        }

        if (own is not null)
        {
            throw new LibTorchException(
                $"{Variable} is {folder}, but this build contains its own libtorch ({own}), and a process cannot load two: unset it, or "
                    + "build with -p:Accelerator=external.");
        }

        folder = Path.GetFullPath(folder);
        string core = Path.Combine(folder, Core);
        if (!File.Exists(core))
        {
            throw new LibTorchException($"{Variable} is {folder}, but there is no {core}. {Wanted}");
        }

        string version = VersionOf(Open(core));
        if (version != NeededVersion && !_isSelfCheck && SelfCheckProcess.FindFailure() is { } failure)
        {
            throw new LibTorchException(
                $"{Variable} is {folder}, a libtorch of version {version}, and it failed the self-check: {failure} Versions known to work: "
                    + $"{KnownVersions}. {Wanted}");
        }

        // libtorch.so names its parts, CUDA's too; that one is also loaded by name, for a folder whose libtorch.so does not.
        foreach (string part in (string[])["libtorch.so", "libtorch_cuda.so"])
        {
            string file = Path.Combine(folder, part);
            if (File.Exists(file))
            {
                Open(file);
            }
        }

        return new Library(folder, version);
    }

    private static string Wanted =>
        $"Set the environment variable {Variable} to the folder that holds the libraries of libtorch {NeededVersion}: "
        + $"torch/lib of a PyTorch {NeededVersion} install "
        + "(python3 -c \"import os, torch; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))\" prints it), "
        + "or lib of a libtorch archive with the C++11 ABI.";

    private static nint Open(string file)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException($"{failure.Message.Trim().Split('\n')[^1]}: it cannot be loaded. {Wanted}", failure);
        }
    }

    private static unsafe string VersionOf(nint core)
    {
        // Major, minor and patch in the upper three bytes; libtorch before 2.9 does not tell.
        if (!NativeLibrary.TryGetExport(core, "aoti_torch_abi_version", out nint function))
        {
            return "before 2.9";
        }

        ulong version = ((delegate* unmanaged<ulong>)function)();
        return $"{version >> 56}.{(version >> 48) & 0xFF}";
    }

    private sealed record Library(string? Folder, string Version);
}

/// <summary>No libtorch that fits.</summary>
public sealed class LibTorchException(string message, Exception? cause = null) : Exception(message, cause);
